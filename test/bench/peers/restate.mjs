// Restate: its server as a process, called over HTTP, and its SDK's endpoint in this process.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure, payload, withEnd } from './measure.mjs';
import { freePorts } from './ports.mjs';

// Its log of every invocation would halve its speed.
process.env.RESTATE_LOGGING ??= 'ERROR';
process.env.NODE_ENV ??= 'production';
// Its SDK expects Node 22.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const require = createRequire(join(process.env.PEERS_DIR, 'package.json'));
const restate = require('@restatedev/restate-sdk');
const dir = mkdtempSync(join(tmpdir(), 'spool-bench-restate-'));
const [node, ingress, admin, sdk] = await freePorts(4);
const agent = new Agent({ keepAlive: true });

const three = async (context, input) => {
  const a = await context.run('A', async () => input);
  const b = await context.run('B', async () => a);
  return context.run('C', async () => b);
};
const fan = (context, parts) =>
  restate.RestatePromise.all(Array.from({ length: parts }, (_, n) => context.run(`part ${n}`, async () => n)));
await restate.serve({ services: [restate.service({ name: 'Bench', handlers: { three, fan } })], port: sdk });

const config = join(dir, 'restate.toml');
writeFileSync(
  config,
  `node-name = "bench"
base-dir = "${join(dir, 'data')}"
disable-telemetry = true
listen-mode = "tcp"
bind-address = "127.0.0.1:${node}"
advertised-address = "http://127.0.0.1:${node}/"
log-filter = "warn"
[ingress]
bind-address = "127.0.0.1:${ingress}"
[admin]
bind-address = "127.0.0.1:${admin}"
`,
);
const program = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
const server = spawn(require.resolve(program), ['--config-file', config, '--no-logo'], { stdio: 'ignore' });
const end = async () => {
  server.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
};
await withEnd(async () => {
  await answering(`http://127.0.0.1:${admin}/health`);
  await answering(`http://127.0.0.1:${ingress}/restate/health`);
  await call(`http://127.0.0.1:${admin}/deployments`, 'POST', { uri: `http://127.0.0.1:${sdk}/` });
  const bench = (handler, input) => call(`http://127.0.0.1:${ingress}/Bench/${handler}`, 'POST', input);
  const runOne = () => bench('three', payload());
  await measure({ runOne, fanOut: (parts) => bench('fan', parts) }, server.pid);
}, end);

async function answering(url) {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await call(url, 'GET').catch(() => undefined);
    if (answer !== undefined) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer`);
}

function call(url, method, body) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((settle, reject) => {
    const asked = request(url, { method, agent, headers }, (response) => {
      let answer = '';
      response.on('data', (chunk) => (answer += chunk));
      response.once('end', () => {
        if (response.statusCode < 300) settle(answer);
        else reject(new Error(`${response.statusCode} ${answer}`));
      });
    });
    asked.once('error', reject);
    asked.end(text);
  });
}
