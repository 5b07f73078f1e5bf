// The runtime of the Node test image: the Runtime API's loop and nothing more.
import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

function call(method, route, value) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/${route}` }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
    request.end(value === undefined ? undefined : JSON.stringify(value ?? null));
  });
}

function failure(error) {
  return { errorMessage: error.message, errorType: error.name, trace: error.stack.split('\n') };
}

async function load(name) {
  const [file, exported] = [path.join(process.env.LAMBDA_TASK_ROOT, name.slice(0, name.lastIndexOf('.'))), name.split('.').pop()];
  const found = ['.mjs', '.js', '.cjs'].map((extension) => file + extension).find(existsSync);
  const module = await import(found);
  return module[exported] ?? module.default[exported];
}

let handler;
try {
  handler = await load(process.argv[2]);
} catch (error) {
  await call('POST', 'init/error', failure(error));
  process.exit(1);
}
for (;;) {
  const next = await call('GET', 'invocation/next');
  const id = next.headers['lambda-runtime-aws-request-id'];
  try {
    await call('POST', `invocation/${id}/response`, (await handler(JSON.parse(next.body), { awsRequestId: id })) ?? null);
  } catch (error) {
    await call('POST', `invocation/${id}/error`, failure(error));
  }
}
