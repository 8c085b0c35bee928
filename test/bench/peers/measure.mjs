// The same work for each peer: executions of three no-op steps with a payload of 1 KB, every step stored.
import { readdirSync, readFileSync } from 'node:fs';
import { percentile } from '../lib/figures.mjs';

const EXECUTIONS = 2_000;
const IN_FLIGHT = 50;
/** Until everybody's code is compiled, and everybody's statements are planned. */
const WARM_UP = 1_000;
const SLOW_EXECUTIONS = 100;
const SLOW_RATE = 20;

export const payload = () => ({ data: 'x'.repeat(1_000) });

const FAN_OUT = 1_000;
const FAN_OUTS = 5;

/**
 * Prints one line of JSON. `fanOut(n)` runs so many no-op steps beside each other, and joins them. The servers are the
 * processes that the peer runs on, with their children.
 */
export async function measure({ runOne, fanOut }, ...servers) {
  await many(WARM_UP, runOne);
  const before = cpu(servers);
  const started = performance.now();
  await many(EXECUTIONS, runOne);
  const seconds = (performance.now() - started) / 1_000;
  const after = cpu(servers);
  const latencies = await atLowLoad(runOne);
  const fanOuts = [];
  for (let n = 0; n < FAN_OUTS; n++) fanOuts.push(await timed(() => fanOut(FAN_OUT)));
  const figures = {
    perSecond: EXECUTIONS / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    nodeMs: (after.own - before.own) / EXECUTIONS,
    fanOutMs: percentile(fanOuts, 0.5),
    serverMs: (after.server - before.server) / EXECUTIONS,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function many(count, runOne) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await runOne();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

async function atLowLoad(runOne) {
  const latencies = [];
  const pending = [];
  for (let n = 0; n < SLOW_EXECUTIONS; n++) {
    const began = performance.now();
    pending.push(runOne().then(() => latencies.push(performance.now() - began)));
    await new Promise((done) => setTimeout(done, 1_000 / SLOW_RATE));
  }
  await Promise.all(pending);
  return latencies;
}

/** Milliseconds of processor time, of this process and of the servers. */
function cpu(servers) {
  const { user, system } = process.cpuUsage();
  return { own: (user + system) / 1_000, server: servers.reduce((sum, pid) => sum + treeMs(pid), 0) };
}

function treeMs(root) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), ...statOf(pid) }));
  const below = processes.filter(({ pid, parent }) => pid === root || parent === root);
  return below.reduce((sum, { ms, reapedMs, pid }) => sum + ms + (pid === root ? reapedMs : 0), 0);
}

/** Linux counts in hundredths of a second. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [parent, own, ownSystem, reaped, reapedSystem] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
    return { parent, ms: (own + ownSystem) * 10, reapedMs: (reaped + reapedSystem) * 10 };
  } catch {
    return { parent: -1, ms: 0, reapedMs: 0 };
  }
}

/** Runs it, and ends what it started, whatever happens. */
export async function withEnd(work, end) {
  try {
    await work();
  } finally {
    await end();
  }
  process.exit(0);
}
