// The runtime client that one writes with node's own http module: the baseline of G6.
import http from 'node:http';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

const call = (method, path, body) => new Promise((resolve, reject) => {
  const request = http.request({ hostname, port, agent, method, path: `/2018-06-01/runtime${path}` }, (response) => {
    const parts = [];
    response.on('data', (part) => parts.push(part));
    response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
  });
  request.on('error', () => process.exit(0));
  request.end(body);
});

const { handler } = await import(`${process.env.LAMBDA_TASK_ROOT}/index.mjs`);
for (;;) {
  const { headers, body } = await call('GET', '/invocation/next');
  const answer = await handler(JSON.parse(body), {});
  await call('POST', `/invocation/${headers['lambda-runtime-aws-request-id']}/response`, JSON.stringify(answer));
}
