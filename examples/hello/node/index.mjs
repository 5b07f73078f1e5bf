// The Node function of the example: it greets whoever the query names.
export const handle = async (event) => {
  const name = event.queryStringParameters?.name ?? 'world';
  console.log('greeting', name);
  return {
    statusCode: 200,
    body: JSON.stringify({ message: `Hello, ${name}!`, from: 'Node', path: event.path }),
  };
};
