// What a function's process that is there already saves: one call from nothing against one call of a warm instance,
// folders included, for each driver that works here. Ratios are cold to warm in the same run.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib/spool.mjs';

const { HandlerInstance, openSandbox, runFunction } = await import(
  pathToFileURL(join(root, 'dist/libs/sandbox/src/index.js')).href
);
const COLD = Number(process.argv[2] ?? 15);
const WARM = COLD * 20;
const dir = mkdtempSync(join(tmpdir(), 'spool-bench-'));
const code = join(dir, 'code');
mkdirSync(code);
chmodSync(dir, 0o755);
writeFileSync(join(code, 'index.mjs'), 'export const handler = (event) => event;');
writeFileSync(join(code, 'index.py'), 'def handler(event, context): return event');

let runs = 0;
const callOf = (runtime, work) => ({
  run: {
    id: `bench-${runs++}`,
    attempt: 1,
    name: 'bench',
    version: 1,
    runtime,
    handler: 'index.handler',
    environment: {},
    memoryMb: 256,
    payload: {},
    inputs: {},
    outputs: {},
    folders: { work, code },
    context: { namespace: 'bench' },
    timeoutMs: 20_000,
    graceMs: 0,
  },
  listener: { onLine() {}, onProgress() {} },
  signal: new AbortController().signal,
  mayStay: () => true,
});

function newFolder() {
  const work = join(dir, `work-${runs}`);
  mkdirSync(join(work, 'tmp'), { recursive: true });
  return work;
}

async function timed(times, count, act) {
  for (let i = 0; i < count; i++) {
    const begunAt = performance.now();
    const end = await act();
    times.push(performance.now() - begunAt);
    if (end.status !== 'SUCCEEDED') throw new Error(JSON.stringify(end));
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

async function cold(sandbox, runtime) {
  const work = newFolder();
  const { run, listener, signal } = callOf(runtime, work);
  const end = await runFunction(sandbox, run, listener, signal);
  rmSync(work, { recursive: true, force: true });
  return end;
}

console.log('driver      runtime   cold p50 ms   warm p50 ms   cold / warm');
for (const driver of ['process', 'bubblewrap', 'oci']) {
  const opened = await openSandbox({ driver }).catch(
    ({ message }) => void console.log(`${driver}: ${message}`.slice(0, 120)),
  );
  if (!opened) continue;
  const { sandbox } = opened;
  for (const runtime of ['nodejs', 'python']) {
    const coldMs = await timed([], COLD, () => cold(sandbox, runtime));
    const work = newFolder();
    const instance = await HandlerInstance.start(sandbox, callOf(runtime, work).run);
    await instance.call(callOf(runtime, work));
    const warmMs = await timed([], WARM, () => instance.call(callOf(runtime, work)));
    await instance.end();
    const [a, b, c] = [coldMs.toFixed(1).padStart(11), warmMs.toFixed(2).padStart(11), (coldMs / warmMs).toFixed(0)];
    console.log(`${driver.padEnd(11)} ${runtime.padEnd(7)} ${a}   ${b}   ${c.padStart(11)}`);
  }
  await sandbox.close();
}
rmSync(dir, { recursive: true, force: true });
