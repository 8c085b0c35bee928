// Loaded by nodejs.mjs in a runtime that is started before it is known for which function: see src/runtimes/template.ts.
import { connect } from 'node:net';

/** Of the process, not of the function: by it the executor finds what the function starts. */
const MARKER = 'SPOOL_SANDBOX';
/** What most handlers load, and what loads them: it is here then. */
const COMMON = [
  'async_hooks',
  'child_process',
  'crypto',
  'fs/promises',
  'http',
  'https',
  'module',
  'os',
  'stream',
  'util',
  'zlib',
];

/** Waits to be told what it is. What it was until then, its environment, is gone when this resolves. */
export async function become() {
  await Promise.all(COMMON.map((name) => import(`node:${name}`)));
  await import('data:text/javascript,export default 0');
  const environment = JSON.parse(await ask());
  for (const name in process.env) if (name !== MARKER && !(name in environment)) delete process.env[name];
  for (const name in environment) process.env[name] = environment[name];
}

/** The answer comes when somebody needs an instance, or never. */
function ask() {
  const { AWS_LAMBDA_RUNTIME_API: api, SPOOL_RUNTIME_SOCKET: path, SPOOL_INSTANCE_TOKEN: token } = process.env;
  const [host, port] = api.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(path ? { path } : { host, port });
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
    socket.on('end', () => {
      const [head, body] = Buffer.concat(chunks)
        .toString('utf8')
        .split(/\r\n\r\n([^]*)/, 2);
      if (head.startsWith('HTTP/1.0 200 ') || head.startsWith('HTTP/1.1 200 ')) resolve(body);
      else process.exit(0);
    });
    socket.write(`GET /spool/2024-01/load HTTP/1.0\r\nHost: ${api}\r\nSpool-Instance-Token: ${token}\r\n\r\n`);
  });
}
