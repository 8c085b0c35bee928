// What a sandbox costs, for each driver that works here: the first answer of a function, from nothing; and the time
// from the decision to kill until nothing is left. Ratios are against the plain process in the same run.
import { rmSync } from 'node:fs';
import { Bench, p50, runFunction, workingDrivers } from './lib/functions.mjs';

const RUNS = Number(process.argv[2] ?? 15);
const bench = new Bench();

async function run(sandbox, given) {
  const whole = bench.runOf(given);
  const stop = new AbortController();
  const begunAt = performance.now();
  const listener = { onLine: () => stop.abort('cancelled'), onProgress() {} };
  const end = await runFunction(sandbox, whole, listener, stop.signal);
  const ms = performance.now() - begunAt;
  rmSync(whole.folders.work, { recursive: true, force: true });
  return { end, ms };
}

const deaf = "trap '' TERM; ";
const CASES = {
  true: { runtime: 'command', command: ['true'] },
  nodejs: { runtime: 'nodejs' },
  python: { runtime: 'python' },
  provided: { runtime: 'provided', network: 'none' },
  'kill a busy loop': { runtime: 'command', command: ['sh', '-c', `${deaf} echo up; while :; do :; done`] },
  'kill 50 sleepers': {
    runtime: 'command',
    command: ['sh', '-c', `${deaf} i=0; while [ $i -lt 50 ]; do setsid sleep 99 & i=$((i+1)); done; echo up; wait`],
  },
};

const plain = {};
console.log('driver      what              p50 ms   × process   cpu ms');
for await (const { driver, sandbox } of workingDrivers()) {
  for (const [name, given] of Object.entries(CASES)) {
    const times = [];
    const cpu = [];
    for (let i = 0; i < RUNS; i++) {
      const { end, ms } = await run(sandbox, given);
      times.push(name.startsWith('kill') ? end.usage.kill.tookMs : ms);
      cpu.push(end.usage.cpuMs ?? 0);
    }
    plain[name] ??= p50(times);
    const [a, b] = [p50(times).toFixed(1).padStart(6), (p50(times) / plain[name]).toFixed(1).padStart(10)];
    console.log(`${driver.padEnd(11)} ${name.padEnd(17)} ${a} ${b} ${p50(cpu).toFixed(1).padStart(8)}`);
  }
}
bench.close();
