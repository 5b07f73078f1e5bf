// Postern's Runtime API client for Node: one raw socket, no http module.
//
// It behaves as the client inside AWS's Node images: CommonJS and ES modules,
// async, callback and done-style handlers, context object, error payloads with
// traces, log format.
import dns from 'node:dns';
import net from 'node:net';
import fs from 'node:fs';
import path from 'node:path';
import stream from 'node:stream';
import util from 'node:util';
import Module, { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const { env } = process;

// A spare of the reserve waits here until it is told which directory and variables it has.
if (!env.AWS_LAMBDA_RUNTIME_API) {
  const told = fs.readFileSync(3, 'utf8');
  fs.closeSync(3);
  if (!told) process.exit(0); // nobody needs it
  const [dir, ...variables] = told.split('\0').slice(0, -1);
  for (const name of Object.keys(env)) delete env[name];
  for (const variable of variables) {
    const equals = variable.indexOf('=');
    env[variable.slice(0, equals)] = variable.slice(equals + 1);
  }
  process.chdir(dir);
  Module._initPaths(); // NODE_PATH, read at boot
}
const api = env.AWS_LAMBDA_RUNTIME_API;
const base = '/2018-06-01/runtime';
let requestId = '';
let asked = false; // for an event, and it has not come yet

// With the log format JSON a message is an object (Lambda Developer Guide, "Using Lambda advanced logging controls with
// Node.js"); levels below AWS_LAMBDA_LOG_LEVEL are left out.
const structured = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const least = structured ? Math.max(levels.indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()), 0) : 0;

const spread = (e) => ({
  errorType: e.constructor?.name ?? 'UnknownError', errorMessage: e.message, stackTrace: typeof e.stack === 'string' ? e.stack.split('\n') : [],
});
const withErrors = (key, value) => (value instanceof Error ? { ...spread(value), ...value } : value);

const record = (level, args) => {
  const line = { timestamp: new Date().toISOString(), level, requestId: requestId || undefined };
  if (args.length === 1) {
    [line.message] = args;
    try {
      return JSON.stringify(line, withErrors);
    } catch { // a cycle, a BigInt
      line.message = util.format(args[0]);
    }
  } else {
    line.message = util.format(...args);
    const error = args.find((arg) => arg instanceof Error);
    if (error) Object.assign(line, spread(error));
  }
  return JSON.stringify(line);
};

// The console prints as on AWS: time, request id, level; a carriage return keeps a
// message of several lines one log event.
const print = (level, text) => {
  fs.writeSync(1, `${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${text.replaceAll('\n', '\r')}\n`);
};
for (const [method, level] of Object.entries({ log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE', fatal: 'FATAL' })) {
  console[method] = (...args) => {
    if (!structured) print(level, util.format(...args));
    else if (levels.indexOf(level) >= least) fs.writeSync(1, `${record(level, args)}\n`);
  };
}

// failed logs an error that ends something.
const failed = (what, e) => (structured ? console.error(util.types.isNativeError(e) ? e : describe(e)) : print('ERROR', `${what} \t${printable(e)}`));

// Names below localhost are this machine (RFC 6761, 6.3), which not every resolver knows: events tell
// functions to call back at {api}.execute-api.localhost.
const lookup = dns.lookup;
if (api.startsWith('127.')) { // this is no container
  dns.lookup = (name, ...rest) => lookup(/\.localhost$/i.test(name) ? '127.0.0.1' : name, ...rest);
}

const request = (method, target, body, headers) => (
  `${method} ${base}${target} HTTP/1.1\r\nHost: ${api}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
);
const next = request('GET', '/invocation/next', '', '');

class Connection {
  constructor() {
    const colon = api.lastIndexOf(':');
    this.buffer = Buffer.alloc(0);
    this.wake = null;
    this.socket = net.connect({
      host: api.slice(0, colon), port: Number(api.slice(colon + 1)), noDelay: true,
      onread: { // without the machinery of streams
        buffer: Buffer.allocUnsafe(64 << 10),
        callback: (n, read) => {
          this.buffer = Buffer.concat([this.buffer, read.subarray(0, n)]);
          this.wake?.();
          return true;
        },
      },
    });
    const end = () => process.exit(0); // the sandbox is being ended
    this.socket.on('close', end);
    this.socket.on('error', end);
  }

  call(method, target, body = '', headers = '') {
    this.socket.write(request(method, target, body, headers));
    return this.answer();
  }

  ask(before = '') {
    asked = true;
    this.socket.write(before + next);
  }

  // respond sends a response and asks for the next event in one write, which spares a round trip.
  respond(target, body) {
    this.ask(request('POST', target, body, 'Content-Type: application/json\r\n'));
    return this.answer();
  }

  // flushed waits until all is sent.
  flushed() {
    return new Promise((resolve) => { this.socket.write('', resolve); });
  }

  async answer() {
    for (;;) {
      const answer = this.parse();
      if (answer) return answer;
      await new Promise((resolve) => { this.wake = resolve; });
      this.wake = null;
    }
  }

  parse() {
    const end = this.buffer.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const headers = {};
    for (const line of this.buffer.utf8Slice(0, end).split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const total = end + 4 + Number(headers['content-length'] ?? 0);
    if (this.buffer.length < total) return null;
    const body = this.buffer.subarray(end + 4, total);
    this.buffer = this.buffer.subarray(total);
    return { headers, body };
  }
}

// streaming marks handlers that streamifyResponse made, under AWS's own symbol.
const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[streaming] = 'response';
    return handler;
  },
  HttpResponseStream: {
    // from makes a stream whose first bytes say status and headers: JSON, then eight NULs.
    from(responseStream, prelude) {
      responseStream.setContentType('application/vnd.awslambda.http-integration-response');
      responseStream.prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)]);
      return responseStream;
    },
  },
};

// A ResponseStream sends what a handler writes while it runs, as one chunked request.
class ResponseStream extends stream.Writable {
  constructor() {
    super();
    this.contentType = 'application/octet-stream';
    this.prelude = null;
    this.begun = false;
  }

  setContentType(contentType) { this.contentType = contentType; }

  begin() {
    if (this.begun) return;
    this.begun = true;
    connection.socket.write(`POST ${base}/invocation/${requestId}/response HTTP/1.1\r\nHost: ${api}\r\nContent-Type: ${this.contentType}\r\n`
      + 'Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n'
      + 'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n');
    if (this.prelude) this.chunk(this.prelude);
  }

  chunk(data, done) {
    connection.socket.write(`${data.length.toString(16)}\r\n`);
    connection.socket.write(data);
    connection.socket.write('\r\n', done);
  }

  _write(data, encoding, done) {
    this.begin();
    if (data.length === 0) done();
    else this.chunk(data, done);
  }

  _final(done) {
    this.begin();
    connection.socket.write('0\r\n\r\n', done);
  }

  // fail ends a response that has begun with an error.
  fail(error) {
    const described = describe(error);
    connection.socket.write(`0\r\nLambda-Runtime-Function-Error-Type: ${errorKind(described)}\r\n`
      + `Lambda-Runtime-Function-Error-Body: ${Buffer.from(JSON.stringify(described)).toString('base64')}\r\n\r\n`);
  }
}

// runStream calls a handler that streams; it is over when both the handler and its stream are.
async function runStream(handler, event, headers) {
  const response = new ResponseStream();
  const finished = new Promise((resolve, reject) => { response.on('finish', resolve); response.on('error', reject); });
  finished.catch(() => {}); // the handler's own error comes first
  try {
    await handler(event, response, contextOf(headers, () => {}));
    await finished;
  } catch (e) {
    if (!response.begun) throw e;
    failed('Invoke Error', e);
    response.fail(e);
  }
  await connection.answer();
}

class HandlerError extends Error {
  constructor(kind, message, stack) {
    super(message);
    this.name = kind;
    if (stack) this.stack = stack;
  }
}

// ES modules are looked for in NODE_PATH too, as by AWS's client since Node 18. Node itself does so for
// CommonJS only. The hook runs beside this thread, so it is text; it costs time, so it is for layers only.
const shelves = (env.NODE_PATH ?? '').split(path.delimiter).filter((dir) => path.basename(dir) === 'node_modules' && fs.existsSync(dir));
if (shelves.length) {
  const hook = `
    let beside;
    export function initialize(urls) { beside = urls; }
    export async function resolve(specifier, context, next) {
      try {
        return await next(specifier, context);
      } catch (error) {
        if (error?.code !== 'ERR_MODULE_NOT_FOUND' || /^[./]|^[a-z]+:/.test(specifier)) throw error;
        for (const parentURL of beside) {
          try {
            return await next(specifier, { ...context, parentURL });
          } catch {}
        }
        throw error;
      }
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`, { data: shelves.map((dir) => pathToFileURL(path.join(path.dirname(dir), 'noop.js')).href) });
}

// loadHandler resolves "dir/file.export" as AWS does: .js, then .mjs, then .cjs.
async function loadHandler(name) {
  const file = path.basename(name);
  const dot = file.indexOf('.');
  if (dot < 0) throw new HandlerError('Runtime.MalformedHandlerName', 'Bad handler');
  if (name.includes('..')) throw new HandlerError('Runtime.MalformedHandlerName', `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  const moduleName = path.join(path.dirname(name), file.slice(0, dot));
  const root = path.resolve(env.LAMBDA_TASK_ROOT, moduleName);
  let loaded;
  try {
    loaded = await loadModule(root, moduleName);
  } catch (e) {
    if (e instanceof SyntaxError) throw new HandlerError('Runtime.UserCodeSyntaxError', `SyntaxError: ${e.message}`, e.stack);
    if (e?.code === 'MODULE_NOT_FOUND' || e?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new HandlerError('Runtime.ImportModuleError', `Error: ${e.message}`, e.stack);
    }
    throw e;
  }
  let handler = loaded;
  let owner = null;
  for (const part of file.slice(dot + 1).split('.')) {
    owner = handler;
    handler = handler?.[part] ?? handler?.default?.[part];
  }
  if (handler === undefined || handler === null) throw new HandlerError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new HandlerError('Runtime.HandlerNotFound', `${name} is not a function`);
  const bound = handler.bind(owner);
  bound[streaming] = handler[streaming];
  return bound;
}

async function loadModule(root, moduleName) {
  const require = createRequire(path.join(env.LAMBDA_TASK_ROOT, 'noop.js'));
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const file = root + extension;
    if (!fs.statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    if (extension === '.mjs' || (extension === '.js' && isModule(file))) return import(pathToFileURL(file));
    return require(file);
  }
  try {
    return require(root); // a directory with an index.js
  } catch (e) {
    if (e.code === 'MODULE_NOT_FOUND' && e.message.includes(`'${root}'`)) {
      e.message = e.message.replace(root, moduleName);
    }
    throw e;
  }
}

// isModule looks for the package.json that says what a .js file is.
function isModule(file) {
  for (let dir = path.dirname(file); ; dir = path.dirname(dir)) {
    const manifest = path.join(dir, 'package.json');
    if (fs.existsSync(manifest)) {
      try {
        return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (dir === env.LAMBDA_TASK_ROOT || dir === path.dirname(dir)) return false;
  }
}

// describe is an error as the Runtime API takes it.
function describe(e) {
  if (util.types.isNativeError(e) || (e && e.name !== undefined && e.message !== undefined && e.stack !== undefined)) {
    const { name, message, stack } = e;
    return { errorType: String(name), errorMessage: String(message), trace: String(stack).split('\n') };
  }
  return { errorType: typeof e, errorMessage: String(e), trace: [] };
}

// printable is the error with its own members, as AWS logs it.
function printable(e) {
  if (!util.types.isNativeError(e)) return JSON.stringify(describe(e));
  return JSON.stringify({ errorType: e.name, errorMessage: e.message, ...e, stack: String(e.stack).split('\n') });
}

const connection = new Connection();

function errorKind(described) {
  return described.errorType.includes('.') ? described.errorType : `Function.${described.errorType}`;
}

function post(target, error) {
  const described = describe(error);
  return connection.call('POST', target, JSON.stringify(described), `Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: ${errorKind(described)}\r\n`);
}

// fatal ends the process for an error that no handler caught.
async function fatal(what, kind, error, code) {
  const wrapped = kind ? new HandlerError(kind, util.types.isNativeError(error) ? `${error.name}: ${error.message}` : String(error), error?.stack) : error;
  failed(what, wrapped);
  if (asked) await connection.flushed(); // between two events: another sandbox takes the next one
  else await post(requestId ? `/invocation/${requestId}/error` : '/init/error', wrapped);
  process.exit(code);
}
process.on('uncaughtException', (e) => fatal('Uncaught Exception', '', e, 129));
process.on('unhandledRejection', (e) => fatal('Unhandled Promise Rejection', 'Runtime.UnhandledPromiseRejection', e, 128));

// contextOf is the second argument of a handler.
function contextOf(headers, finish) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed('lambda-runtime-client-context'),
    identity: parsed('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
  context.done = (error, result) => { context.callbackWaitsForEmptyEventLoop = false; finish(error, result); };
  context.succeed = (result) => context.done(null, result);
  context.fail = (error) => context.done(error ?? 'handled', undefined);
  return context;
}

// run calls the handler and resolves to its result. A handler that returns no
// promise ends with its callback, once the event loop is empty unless it says
// otherwise; one that does neither ends with null when there is nothing left to do.
function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    let called = null;
    const settle = () => {
      process.removeListener('beforeExit', settle);
      connection.socket.ref();
      if (called?.error !== undefined && called?.error !== null) reject(called.error);
      else resolve(called?.result ?? null);
    };
    const finish = (error, result) => {
      called ??= { error, result };
      if (!context.callbackWaitsForEmptyEventLoop) settle();
    };
    const context = contextOf(headers, finish);
    connection.socket.unref();
    process.on('beforeExit', settle);
    let returned;
    try {
      returned = handler(event, context, finish);
    } catch (e) {
      called = { error: e ?? 'undefined' };
      settle();
      return;
    }
    if (typeof returned?.then === 'function') {
      returned.then((result) => { called = { result }; settle(); }, (error) => { called = { error: error ?? 'undefined' }; settle(); });
    }
  });
}

function marshal(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (e) {
    throw new HandlerError('Runtime.MarshalError', `Unable to stringify response body: ${e.message}`, e.stack);
  }
}

if (env.POSTERN_DEBUG_WAIT) {
  delete env.POSTERN_DEBUG_WAIT;
  (await import('node:inspector')).waitForDebugger();
}

let handler;
try {
  handler = await loadHandler(env._HANDLER);
} catch (e) {
  failed('Uncaught Exception', e);
  await post('/init/error', e);
  process.exit(1);
}
for (;;) {
  if (!asked) connection.ask();
  const { headers, body } = await connection.answer();
  asked = false;
  requestId = headers['lambda-runtime-aws-request-id'];
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  try {
    if (handler[streaming]) {
      await runStream(handler, JSON.parse(body), headers);
    } else {
      const answer = marshal(await run(handler, JSON.parse(body), headers));
      const target = `/invocation/${requestId}/response`;
      requestId = '';
      await connection.respond(target, answer);
    }
  } catch (e) {
    failed('Invoke Error', e);
    await post(`/invocation/${requestId}/error`, e);
  }
  requestId = '';
}
