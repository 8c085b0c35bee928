// Synchronous invocations of a warm function through the gateway, against a bare node:http echo and Google's
// functions-framework (which isolates and measures nothing) in the same run: requests per second, p50 and p99 at 1 and at
// 32 connections, and the processor time that a call takes of each process. They take turns, a second each, because the
// machine may have other things to do; ratios are the medians of those of each turn. Beside them the calls that one instance
// serves a second with nothing in between, as the executor makes them. `node test/bench/calls.mjs [turns]`
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker, isMainThread } from 'node:worker_threads';
import { percentile, report } from './lib/figures.mjs';
import { startFramework } from './lib/functions-framework.mjs';
import { load } from './lib/load.mjs';
import { perCall, processorTimes } from './lib/processes.mjs';
import { freshDataDir, remove, root, startSpool } from './lib/spool.mjs';

const TURNS = Number(process.argv[2] ?? 5);
const SECONDS = 3;
const [ECHO_PORT, FRAMEWORK_PORT] = [7_797, 7_798];
const EVENT = JSON.stringify({ name: 'a file', tags: ['video', 'h264'], text: 'x'.repeat(900) });

const us = (value) => `${(value * 1_000).toFixed(0)} µs`;
const TITLES = { echo: 'a warm function', 'echo-16': 'a warm function, 16 calls in an instance' };
const median = (values) => percentile(values, 0.5);

/** A server that reads a body and sends it back, in a thread of its own. */
function echo() {
  createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    });
  }).listen(ECHO_PORT, '127.0.0.1');
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
  const framework = await startFramework(FRAMEWORK_PORT);
  const dataDir = freshDataDir();
  const spool = await startSpool(dataDir, { SPOOL_LOG_LEVEL: 'warn', SPOOL_PROBE_CODECS: 'never' });
  const files = { 'index.mjs': 'export const handler = (event) => event;' };
  const deploy = (more) => spool.api('POST', '/v1/functions', { runtime: 'nodejs', files, vcpu: 0.5, ...more });
  await deploy({ name: 'echo' });
  await deploy({ name: 'echo-16', instanceConcurrency: 16 });
  const json = { 'content-type': 'application/json' };
  const called = (name) => ({
    url: `${spool.url}/v1/functions/${name}/invocations`,
    headers: { authorization: `Bearer ${spool.key}`, ...json },
    expects: '"SUCCEEDED"',
    pid: spool.pid,
  });
  const others = [
    { name: 'bare node:http', url: `http://127.0.0.1:${ECHO_PORT}/`, headers: json },
    ...(framework ? [{ name: 'functions-framework', headers: json, ...framework }] : []),
  ];
  for (const server of others) await turn(server, 8, 1); // Code is compiled.
  const rows = [];
  for (const name of ['echo', 'echo-16']) {
    const servers = [...others, { name: TITLES[name], ...called(name) }];
    await turn(servers.at(-1), 8, 3); // Its instances start.
    for (const connections of [1, 32]) rows.push(...(await compare(servers, connections)));
  }
  await spool.stop();
  framework?.stop();
  await bare.terminate();
  for (const driver of ['process', 'bubblewrap', 'oci']) {
    const perSecond = await instance(driver, dir);
    if (perSecond !== undefined) rows.push(`one warm instance, ${driver}: ${perSecond.toFixed(0)} calls/s`);
  }
  report('Synchronous calls of a warm function, 1 KB of JSON', rows);
  remove(dataDir);
  rmSync(dir, { recursive: true, force: true });
}

/** One server's turn: its figures, and what a call has taken of the processes. */
async function turn({ pid, ...server }, connections, seconds = 1) {
  const before = pid && processorTimes(pid);
  const run = await load({ ...server, body: EVENT, connections, seconds });
  return { ...run, ...(pid && { took: perCall(before, processorTimes(pid), run.times.length) }) };
}

async function compare(servers, connections) {
  const turns = servers.map(() => []);
  for (let n = 0; n < TURNS; n++)
    for (const [index, server] of servers.entries()) turns[index].push(await turn(server, connections));
  return servers.map(({ name }, index) => {
    const own = turns[index];
    const times = own.flatMap((one) => one.times);
    const speed = `${median(own.map(({ perSecond }) => perSecond)).toFixed(0)} req/s`;
    const latency = `p50 ${us(percentile(times, 0.5))}, p99 ${us(percentile(times, 0.99))}`;
    const failed = own.reduce((sum, one) => sum + one.failed, 0);
    const facts = [
      speed,
      latency,
      ...tookOf(own),
      ...ratios(servers, turns, index),
      ...(failed > 0 ? [`${failed} FAILED`] : []),
    ];
    return `${connections} connections, ${name}: ${facts.join('; ')}`;
  });
}

function tookOf(turns) {
  if (!turns[0].took) return [];
  const parts = Object.keys(turns[0].took).map((name) => [name, median(turns.map(({ took }) => took[name]))]);
  return [`CPU a call: ${parts.flatMap(([name, ms]) => (ms > 0 ? `${name} ${us(ms)}` : [])).join(', ')}`];
}

/** To those that come before it. */
const ratios = (servers, turns, index) =>
  servers.slice(0, index).map(({ name }, other) => {
    const ratio = median(turns[index].map(({ perSecond }, n) => perSecond / turns[other][n].perSecond));
    return `${ratio.toFixed(2)} of ${name}`;
  });

if (isMainThread) await main();
else echo();
