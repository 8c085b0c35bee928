// Synchronous invocations of a warm function through the gateway, against a bare node:http echo in the same run: requests
// per second at 32 connections, p50 and p99 at 1 and at 32. Beside them the calls that one instance serves a second with
// nothing in between, as the executor makes them. `node test/bench/calls.mjs [seconds]`
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker, isMainThread } from 'node:worker_threads';
import { load } from './lib/load.mjs';
import { percentile, report } from './lib/figures.mjs';
import { freshDataDir, remove, root, startSpool } from './lib/spool.mjs';

const SECONDS = Number(process.argv[2] ?? 5);
const EVENT = JSON.stringify({ name: 'a file', tags: ['video', 'h264'], text: 'x'.repeat(900) });

const us = (value) => `${(value * 1_000).toFixed(0)} µs`;
const line = ({ perSecond, times }) =>
  `${perSecond.toFixed(0)} req/s, p50 ${us(percentile(times, 0.5))}, p99 ${us(percentile(times, 0.99))}`;

/** A server that reads a body and sends it back, in a thread of its own. */
function echo() {
  createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    });
  }).listen(7_797, '127.0.0.1');
}

/** Calls of one instance, one after another, as fast as it answers. */
async function instance(driver, dir) {
  const { HandlerInstance, openSandbox } = await import(
    pathToFileURL(join(root, 'dist/libs/sandbox/src/index.js')).href
  );
  const opened = await openSandbox({ driver }).catch(() => undefined);
  if (!opened) return undefined;
  const [code, work] = [join(dir, 'code'), join(dir, `work-${driver}`)];
  mkdirSync(code, { recursive: true });
  mkdirSync(join(work, 'tmp'), { recursive: true });
  writeFileSync(join(code, 'index.mjs'), 'export const handler = (event) => event;');
  const version = { name: 'bench', version: 1, runtime: 'nodejs', environment: {}, memoryMb: 256 };
  const context = { namespace: 'bench' };
  const task = { id: 'bench', attempt: 1, payload: {}, inputs: {}, outputs: {}, folders: { work, code }, context };
  const run = { ...version, ...task, timeoutMs: 20_000, graceMs: 0 };
  const listener = { onLine() {}, onProgress() {} };
  const handler = await HandlerInstance.start(opened.sandbox, run);
  await handler.call({ run, listener, signal: new AbortController().signal, mayStay: () => true });
  const hot = await handler.heat();
  const event = Buffer.from(EVENT);
  const call = { id: 'bench', event, functionArn: '', timeoutMs: 20_000, graceMs: 0, memoryMb: 256 };
  const end = performance.now() + SECONDS * 1_000;
  let calls = 0;
  for (; performance.now() < end; calls++) {
    await hot.serve(call, listener);
    await hot.settle();
  }
  await handler.end();
  await opened.sandbox.close();
  return calls / SECONDS;
}

async function main() {
  const dir = mkdtempSync(join(tmpdir(), 'spool-bench-'));
  const bare = new Worker(new URL(import.meta.url));
  const dataDir = freshDataDir();
  const spool = await startSpool(dataDir, { SPOOL_LOG_LEVEL: 'warn' });
  const files = { 'index.mjs': 'export const handler = (event) => event;' };
  await spool.api('POST', '/v1/functions', { name: 'echo', runtime: 'nodejs', files, vcpu: 0.5 });
  const url = `${spool.url}/v1/functions/echo/invocations`;
  const headers = { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json' };
  const calls = { url, headers, body: EVENT };
  const plain = { url: 'http://127.0.0.1:7797/', headers: { 'content-type': 'application/json' }, body: EVENT };
  await load({ ...calls, connections: 8, seconds: 3 }); // Its instances start, and code is compiled.
  await load({ ...plain, connections: 8, seconds: 1 });
  const rows = [];
  for (const connections of [1, 32]) {
    const one = await load({ ...plain, connections, seconds: SECONDS });
    const two = await load({ ...calls, connections, seconds: SECONDS });
    rows.push(`${connections} connections, bare node:http   ${line(one)}`);
    rows.push(`${connections} connections, a warm function  ${line(two)}, ${two.failed} failed`);
    rows.push(`    ratio of requests per second: ${(two.perSecond / one.perSecond).toFixed(3)}`);
  }
  await spool.stop();
  await bare.terminate();
  for (const driver of ['process', 'bubblewrap', 'oci']) {
    const perSecond = await instance(driver, dir);
    if (perSecond !== undefined) rows.push(`one warm instance, ${driver}: ${perSecond.toFixed(0)} calls/s`);
  }
  report('Synchronous calls of a warm function, 1 KB of JSON', rows);
  remove(dataDir);
  rmSync(dir, { recursive: true, force: true });
}

if (isMainThread) await main();
else echo();
