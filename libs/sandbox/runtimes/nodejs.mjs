// Runs inside a sandbox: loads a handler and serves it through the AWS Lambda Runtime API, one event at a time, or
// several where it is told so.
// Plain JavaScript on purpose: it is started by node as it is, see src/runtimes/runtimes-dir.ts.
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

if (process.env.SPOOL_TEMPLATE) await (await import('./template.mjs')).become();
const {
  AWS_LAMBDA_RUNTIME_API: api,
  SPOOL_INSTANCE_TOKEN: token,
  SPOOL_RUNTIME_SOCKET: socketPath,
  _HANDLER: handlerName,
  LAMBDA_TASK_ROOT: root,
  SPOOL_WORK_DIR: workDir,
  AWS_LAMBDA_MAX_CONCURRENCY: concurrency = '1',
} = process.env;
delete process.env.SPOOL_INSTANCE_TOKEN; // What the function starts has no business with the Runtime API.

const [host, port] = api.split(':');
const address = socketPath ? { path: socketPath, socketPath } : { host, port };
const RUNTIME = '/2018-06-01/runtime';
/** Undefined where calls come one by one. */
const shared = Number(concurrency) > 1 ? await import('./calls.mjs') : undefined;
const GENERIC = new Set(['Error', 'Object', undefined, '']);

let agent;
/** Loaded only where it is needed: node:http is a good part of a cold start. */
async function exchange(method, path, text) {
  const { Agent, request } = await import('node:http');
  agent ??= new Agent({ keepAlive: true, maxSockets: 4 });
  return new Promise((resolve, reject) => {
    const headers = { 'spool-instance-token': token, 'content-type': 'application/json' };
    if (text !== undefined) headers['content-length'] = Buffer.byteLength(text);
    const sent = request({ ...address, method, path, agent, headers, maxHeaderSize: 1_048_576 }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end(text);
  });
}

const post = (path, text) => exchange('POST', path, text);

/** The name a workflow catches: `name` if somebody set it, else the name of the class. */
function describe(thrown) {
  if (!(thrown instanceof Error)) {
    const isObject = typeof thrown === 'object' && thrown !== null;
    const errorType = isObject ? String(thrown.name ?? thrown.constructor?.name ?? 'Error') : typeof thrown;
    const errorMessage = isObject ? String(thrown.message ?? safeStringify(thrown)) : String(thrown);
    return { errorMessage, errorType, stackTrace: [] };
  }
  const errorType = GENERIC.has(thrown.name) ? thrown.constructor?.name || 'Error' : String(thrown.name);
  const stackTrace = String(thrown.stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
  const cause =
    thrown.cause === undefined
      ? ''
      : ` (cause: ${thrown.cause instanceof Error ? thrown.cause.message : safeStringify(thrown.cause)})`;
  return { errorMessage: `${thrown.message}${cause}`, errorType, stackTrace };
}

function safeStringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

const named = (name, message) => Object.assign(new Error(message), { name });

/** `src/app.handler` is the export `handler` of `src/app.{mjs,js,cjs}`; `app.tools.run` may also be `tools.run` of `app`. */
async function loadHandler() {
  const dots = [...handlerName.matchAll(/\.(?=[^/]+$)/g)].map(({ index }) => index).toReversed();
  if (dots.length === 0)
    throw named('Runtime.MalformedHandlerName', `The handler "${handlerName}" is not "file.export"`);
  for (const dot of dots) {
    const file = ['.mjs', '.js', '.cjs'].map((suffix) => join(root, handlerName.slice(0, dot) + suffix)).find(isFile);
    if (file) return pickHandler(await import(pathToFileURL(file).href), handlerName.slice(dot + 1).split('.'));
  }
  const stem = handlerName.slice(0, dots[0]);
  throw named(
    'Runtime.ImportModuleError',
    `The handler "${handlerName}" needs ${stem}.mjs, .js or .cjs, and there is none`,
  );
}

const isFile = (path) => existsSync(path) && statSync(path).isFile();

function pickHandler(module, path) {
  const pick = (from) => path.reduce((value, key) => value?.[key], from);
  const handler = pick(module) ?? pick(module.default);
  if (typeof handler === 'function') return handler;
  throw named(
    'Runtime.HandlerNotFound',
    `There is no function ${path.join('.')} among the exports for "${handlerName}"`,
  );
}

/** What an invocation comes with, however it came. */
const invocationOf = (headers) => ({
  id: headers['lambda-runtime-aws-request-id'],
  arn: headers['lambda-runtime-invoked-function-arn'],
  deadlineMs: Number(headers['lambda-runtime-deadline-ms']),
  trace: headers['lambda-runtime-trace-id'],
  clientContext: headers['lambda-runtime-client-context'],
  variables: JSON.parse(decodeURIComponent(headers['spool-variables'] ?? '%7B%7D')),
  ...JSON.parse(decodeURIComponent(headers['spool-files'] ?? '%7B%7D')),
});

function contextOf({ id, arn, deadlineMs: deadline, clientContext, inputs, outputs, trace, call }, finish) {
  return {
    awsRequestId: id,
    clientContext: clientContext && JSON.parse(clientContext),
    invokedFunctionArn: arn,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME ?? id,
    ...(shared && { xRayTraceId: trace }),
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    inputs: inputs ?? {},
    outputs: outputs ?? {},
    workDir,
    /** Tells how far the work is; what is lost on the way does not matter to the work. */
    progress: ({ percent, message, speed, etaSeconds } = {}) =>
      report({ id, call }, { percent, message, speed, etaSeconds }),
    done: finish,
    succeed: (result) => finish(null, result),
    fail: (error) => finish(error ?? new Error('failed')),
  };
}

let variables = {};
/** What was the last invocation's own goes, what is this one's own comes; the working directory is as it was. */
function enter({ variables: own = {}, trace }) {
  if (shared) return; // Nothing of the process is one call's own.
  for (const name in variables) if (!(name in own)) delete process.env[name];
  for (const name in own) process.env[name] = own[name];
  Object.assign(process.env, { _X_AMZN_TRACE_ID: trace });
  variables = own;
  if (workDir && process.cwd() !== workDir) process.chdir(workDir);
}

const within = (name, value, most) => Number.isFinite(value) && { [name]: Math.min(most, Math.max(0, value)) };

let reporting = Promise.resolve();
function report({ id, call }, { percent, message, speed, etaSeconds }) {
  const body = {
    ...within('percent', percent, 100),
    ...(message !== undefined && { message: String(message).slice(0, 500) }),
    ...within('speed', speed, 1e6),
    ...within('etaSeconds', etaSeconds, 1e8),
  };
  const text = JSON.stringify(body);
  const send = () =>
    stream ? stream.send(PROGRESS, text, call) : post(`/spool/2024-01/invocation/${id}/progress`, text);
  reporting = reporting.then(send).catch(() => {});
  return reporting;
}

/** What was printed may still be queued in this process, which ends soon after it has answered. */
const written = (stream) => new Promise((resolve) => stream.write('', () => resolve()));

/** By id, the number under which the stream knows it. */
const inHand = new Map();

/** Promise, value, or callback: a handler that takes three arguments and returns nothing answers by callback. */
function invoke(handler, event, invocation) {
  return new Promise((resolve, reject) => {
    const finish = (error, result) => (error ? reject(error) : resolve(result));
    const returned = handler(event, contextOf(invocation, finish), finish);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (returned !== undefined || handler.length < 3) resolve(returned);
  });
}

async function serve(handler) {
  const { status, headers, body } = await exchange('GET', `${RUNTIME}/invocation/next`);
  if (status !== 200) process.exit(0);
  const invocation = invocationOf(headers);
  const [kind, text] = await answerTo(handler, invocation, body);
  await post(`${RUNTIME}/invocation/${invocation.id}/${kind}`, text);
}

async function answerTo(handler, invocation, body) {
  const { id, call } = invocation;
  inHand.set(id, call);
  enter(invocation);
  const work = () =>
    invoke(handler, JSON.parse(body), invocation).then(serialise, (error) => [
      'error',
      JSON.stringify(describe(error)),
    ]);
  const answer = await (shared ? shared.during(id, work) : work());
  inHand.delete(id);
  await reporting;
  for (const out of [process.stdout, process.stderr]) if (out.writableLength > 0) await written(out);
  return answer;
}

/**
 * The Runtime API as frames, with an executor that has it: src/runtimes/instance-stream.ts. While an invocation is in
 * hand the connection does not keep this process alive: a handler that waits for nothing is to be noticed.
 */
class Stream {
  constructor(socket, onInvocation) {
    this.socket = socket;
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = bytes.length > 0 ? Buffer.concat([bytes, chunk]) : chunk;
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        const headEnd = 13 + bytes.readUInt32BE(9);
        const call = bytes.readUInt32BE(5);
        const [head, body] = [bytes.toString('utf8', 13, headEnd), bytes.toString('utf8', headEnd, end)];
        bytes = bytes.subarray(end);
        socket.unref();
        onInvocation({ ...JSON.parse(head), call }, body).catch(failWith);
      }
    });
    socket.on('close', () => process.exit(0)).on('error', () => {});
    socket.resume(); // It stood still until somebody read.
  }

  send(type, text, call) {
    const length = Buffer.byteLength(text);
    const frame = Buffer.allocUnsafe(13 + length);
    frame.writeUInt32BE(9 + length, 0);
    frame.writeUInt8(type, 4);
    frame.writeUInt32BE(call, 5);
    frame.writeUInt32BE(0, 9);
    frame.write(text, 13);
    return new Promise((resolve) => this.socket.write(frame, resolve));
  }

  answer({ call }, [kind, text]) {
    if (inHand.size === 0) this.socket.ref();
    const isTooLarge = kind === 'response' && Buffer.byteLength(text) > MAX_RESPONSE_BYTES;
    if (!isTooLarge) return void this.send(kind === 'response' ? RESPONSE : ERROR, text, call);
    const says = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    const error = named('Function.ResponseSizeTooLarge', says);
    void this.send(ERROR, JSON.stringify(describe(error)), call);
  }
}

const [RESPONSE, ERROR, PROGRESS, FATAL] = [2, 3, 4, 5];
/** src/runtimes/runtime-answers.ts holds everybody to it; what is far beyond need not be sent for that. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;
let stream;

/** Undefined if the executor speaks HTTP only. */
function openSocket() {
  return new Promise((resolve) => {
    const headers = { Host: host, Connection: 'Upgrade', Upgrade: 'spool-instance', 'Spool-Instance-Token': token };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const socket = connect(address);
    let bytes = Buffer.alloc(0);
    const read = (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', read).off('error', refuse).pause();
      if (!bytes.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) return refuse();
      const rest = bytes.subarray(end + 4); // The invocation may have come with the answer.
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    const refuse = () => resolve(void socket.destroy());
    socket.on('data', read).on('error', refuse);
    socket.write(['GET /spool/2024-01/stream HTTP/1.1', ...lines, '', ''].join('\r\n'));
  });
}

function serialise(result) {
  try {
    return ['response', JSON.stringify(result) ?? 'null'];
  } catch (error) {
    return ['error', JSON.stringify({ ...describe(error), errorType: 'Function.InvalidResponse' })];
  }
}

let isFailing = false;
async function failWith(thrown) {
  if (isFailing) return;
  isFailing = true;
  const text = JSON.stringify(describe(thrown));
  // Whose it is, if that is known; else it is everybody's.
  const own = shared?.current();
  const ids = inHand.has(own) ? [own] : [...inHand.keys()];
  try {
    await Promise.all([written(process.stdout), written(process.stderr)]);
    if (ids.length === 0) await post(`${RUNTIME}/init/error`, text);
    else if (stream) await Promise.all(ids.map((id) => stream.send(FATAL, text, inHand.get(id))));
    else await Promise.all(ids.map((id) => post(`${RUNTIME}/invocation/${id}/error`, text)));
  } finally {
    process.exit(1);
  }
}

process.on('uncaughtException', failWith);
process.on('unhandledRejection', failWith);
process.on('beforeExit', () =>
  failWith(named('Function.Exited', 'The handler never answered, and nothing is left that it could wait for')),
);

async function main() {
  const handler = await loadHandler();
  const socket = await openSocket();
  if (socket)
    stream = new Stream(socket, async (invocation, body) =>
      stream.answer(invocation, await answerTo(handler, invocation, body)),
    );
  else await Promise.all(Array.from({ length: Number(concurrency) }, () => serveOn(handler)));
}

async function serveOn(handler) {
  for (;;) await serve(handler);
}

main().catch(failWith);
