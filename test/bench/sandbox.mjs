// What a sandbox costs, for each driver that works here: the first answer of a function, from nothing; and the time
// from the decision to kill until nothing is left. Ratios are against the plain process in the same run.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib/spool.mjs';

const { openSandbox, runFunction } = await import(pathToFileURL(join(root, 'dist/libs/sandbox/src/index.js')).href);
const RUNS = Number(process.argv[2] ?? 15);
const dir = mkdtempSync(join(tmpdir(), 'spool-bench-'));
const code = join(dir, 'code');
mkdirSync(code);
chmodSync(dir, 0o755);
writeFileSync(join(code, 'index.mjs'), 'export const handler = (event) => event;');
writeFileSync(join(code, 'index.py'), 'def handler(event, context): return event');

let runs = 0;
async function run(sandbox, given) {
  const work = join(dir, String(runs++));
  mkdirSync(join(work, 'tmp'), { recursive: true });
  const whole = {
    id: `bench-${runs}`,
    attempt: 1,
    name: 'bench',
    version: 1,
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
    ...given,
  };
  const stop = new AbortController();
  const begunAt = performance.now();
  const end = await runFunction(
    sandbox,
    whole,
    { onLine: () => stop.abort('cancelled'), onProgress() {} },
    stop.signal,
  );
  rmSync(work, { recursive: true, force: true });
  return { end, ms: performance.now() - begunAt };
}

const p50 = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const deaf = "trap '' TERM; ";
const CASES = {
  true: { runtime: 'command', command: ['true'] },
  nodejs: { runtime: 'nodejs' },
  python: { runtime: 'python' },
  'kill a busy loop': { runtime: 'command', command: ['sh', '-c', `${deaf} echo up; while :; do :; done`] },
  'kill 50 sleepers': {
    runtime: 'command',
    command: ['sh', '-c', `${deaf} i=0; while [ $i -lt 50 ]; do setsid sleep 99 & i=$((i+1)); done; echo up; wait`],
  },
};

const plain = {};
console.log('driver      what              p50 ms   × process');
for (const driver of ['process', 'bubblewrap', 'oci']) {
  const opened = await openSandbox({ driver }).catch(
    ({ message }) => void console.log(`${driver}: ${message}`.slice(0, 120)),
  );
  if (!opened) continue;
  for (const [name, given] of Object.entries(CASES)) {
    const times = [];
    for (let i = 0; i < RUNS; i++) {
      const { end, ms } = await run(opened.sandbox, given);
      times.push(name.startsWith('kill') ? end.usage.kill.tookMs : ms);
    }
    plain[name] ??= p50(times);
    console.log(
      `${driver.padEnd(11)} ${name.padEnd(17)} ${p50(times).toFixed(1).padStart(6)} ${(p50(times) / plain[name]).toFixed(1).padStart(10)}`,
    );
  }
  await opened.sandbox.close();
}
rmSync(dir, { recursive: true, force: true });
