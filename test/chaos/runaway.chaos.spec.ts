import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { processesWith } from '../support/process-table.js';
import { eventually, Standalone } from '../support/standalone.js';

interface Invocation {
  id: string;
  status: string;
  error?: string;
  executionId?: string;
  attempt: number;
  usage?: { wallMs: number; kill?: Kill };
}
interface Kill {
  reason: string;
  signals: { signal: string; atMs: number }[];
  processesFound: number;
  processesLeft: number;
  tookMs: number;
  scratch?: { freed: boolean; bytes: number; tookMs: number };
  leaseFenced?: boolean;
}

/** Deaf to SIGTERM and never idle; beside it a daemon (setsid, two forks) and children that fork without end. */
const loops = `
const { spawn } = require('node:child_process');
exports.handler = async () => {
  process.on('SIGTERM', () => {});
  const deaf = "trap '' TERM HUP INT; ";
  const start = (script) => spawn('sh', ['-c', deaf + script], { stdio: 'ignore', detached: true }).unref();
  start('setsid sh -c "trap \\'\\' TERM; (trap \\'\\' TERM; while :; do sleep 60; done) & exit" &');
  start('while :; do sleep 0.05 & sleep 0.1; done');
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (;;);
};`;

/** Writes as fast as it can for ever, from a child too, and is as deaf. */
const floods = `
const { writeSync } = require('node:fs');
const { spawn } = require('node:child_process');
exports.handler = async () => {
  process.on('SIGTERM', () => {});
  spawn('sh', ['-c', "trap '' TERM; yes from-a-child"], { stdio: 'inherit', detached: true }).unref();
  const line = 'x'.repeat(4095) + '\\n';
  for (;;) try { writeSync(1, line); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
};`;

let spool: Standalone;
beforeAll(async () => {
  spool = await Standalone.start({
    SPOOL_GRACE_SECONDS: '1',
    SPOOL_EXECUTOR_SLOTS: '1',
    SPOOL_EXECUTOR_VCPU: '4',
    SPOOL_WARM_IDLE_SECONDS: '0', // An instance that is kept would keep its folder,
    SPOOL_TEMPLATES: '0', // and so does a runtime that waits for one.
  });
  await deploy({ name: 'well-behaved', code: 'exports.handler = async (event) => event;' });
});
afterAll(() => spool?.remove());

async function deploy({ name, code, marker = 'none', seconds = 60 }: Runaway): Promise<void> {
  await spool.api('POST', '/v1/functions', {
    name,
    runtime: 'nodejs',
    files: { 'index.js': code },
    environment: { CHAOS_MARKER: marker },
    timeoutSeconds: seconds,
  });
  // The end of the first run is the end.
  await spool.api('PUT', `/v1/functions/${name}/event-invoke-config`, { maximumRetryAttempts: 0 });
}
interface Runaway {
  readonly name: string;
  readonly code: string;
  readonly marker?: string;
  readonly seconds?: number;
}

const show = (id: string) => spool.api<Invocation>('GET', `/v1/invocations/${id}`);
const begin = (name: string) =>
  spool.api<Invocation>('POST', `/v1/functions/${name}/invocations?mode=async`, {}).then(({ id }) => id);

/** Its first process and at least one more run. */
const isRunningWild = (marker: string) => eventually(async () => processesWith(marker).length >= 2);

/** The record of the kill comes with the executor's last word on the task, after its status. */
const killedRecord = (id: string): Promise<Invocation & { usage: { kill: Kill } }> =>
  eventually(async () => {
    const invocation = await show(id);
    const { usage } = invocation;
    return usage?.kill && { ...invocation, usage: { ...usage, kill: usage.kill } };
  });

const workFolders = (): string[] => {
  const tasks = join(spool.dataDir, 'work/tasks');
  return readdirSync(tasks).flatMap((owner) => readdirSync(join(tasks, owner)));
};

/** Promise 5 of the architecture. */
async function expectNothingLeft(marker: string, kill: Kill): Promise<void> {
  expect(processesWith(marker)).toEqual([]);
  expect(kill).toMatchObject({ processesLeft: 0, leaseFenced: true, scratch: { freed: true } });
  expect(kill.processesFound).toBeGreaterThanOrEqual(2);
  expect(kill.signals.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGKILL']);
  const [asked, killed] = kill.signals;
  expect(killed!.atMs - asked!.atMs).toBeGreaterThanOrEqual(990);
  const next = await spool.api('POST', '/v1/functions/well-behaved/invocations', { still: 'here' });
  expect(next).toMatchObject({ status: 'SUCCEEDED', output: { still: 'here' } });
  await eventually(async () => workFolders().length === 0);
}

describe.each([
  ['loops, ignores SIGTERM and forks', 'loop', loops],
  ['floods its output', 'flood', floods],
])('a function that %s', (_what, name, code) => {
  it('is dead, whole tree, after its timeout and the grace period, and its slot is free', async () => {
    const marker = randomUUID();
    await deploy({ name: `${name}-too-long`, code, marker, seconds: 1 });
    const id = await begin(`${name}-too-long`);
    await isRunningWild(marker);
    const ended = await killedRecord(id);
    expect(ended).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', attempt: 1 });
    expect(ended.usage.kill.reason).toBe('timeout');
    expect(ended.usage.kill.signals[0]!.atMs).toBeGreaterThanOrEqual(990);
    await expectNothingLeft(marker, ended.usage.kill);
  });

  it('is dead, whole tree, when its invocation is cancelled', async () => {
    const marker = randomUUID();
    await deploy({ name: `${name}-cancelled`, code, marker });
    const id = await begin(`${name}-cancelled`);
    await isRunningWild(marker);
    expect(await spool.api('POST', `/v1/invocations/${id}/cancel`)).toMatchObject({ status: 'CANCELLED' });
    const ended = await killedRecord(id);
    expect(ended).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    expect(ended.usage.kill.reason).toBe('cancelled');
    await expectNothingLeft(marker, ended.usage.kill);
  });

  it('is dead, whole tree, when its execution is stopped', async () => {
    const marker = randomUUID();
    await deploy({ name: `${name}-stopped`, code, marker });
    const run = { Type: 'Task', Resource: `function:${name}-stopped`, End: true };
    const definition = { StartAt: 'Run', States: { Run: run } };
    await spool.api('POST', '/v1/workflows', { name: `${name}-stopped`, definition });
    const execution = await spool.api<{ id: string }>('POST', `/v1/workflows/${name}-stopped/executions`, {});
    await isRunningWild(marker);
    await spool.api('POST', `/v1/executions/${execution.id}/stop`, { error: 'Enough', cause: 'it never ends' });
    const { items } = await spool.api<{ items: Invocation[] }>('GET', `/v1/invocations?execution=${execution.id}`);
    expect(items).toHaveLength(1);
    const ended = await killedRecord(items[0]!.id);
    expect(ended).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    await expectNothingLeft(marker, ended.usage.kill);
    const stopped = await spool.api('GET', `/v1/executions/${execution.id}`);
    expect(stopped).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'it never ends' });
  });
});

/** Numbered lines, far more and far faster than any store takes them, and an answer behind them. */
const chatters = `
const { writeSync } = require('node:fs');
exports.handler = async ({ lines }) => {
  for (let from = 0; from < lines; from += 1000) {
    let rest = Buffer.from(Array.from({ length: 1000 }, (_, i) => 'line ' + String(from + i).padStart(9, '0') + '\\n').join(''));
    while (rest.length > 0) try { rest = rest.subarray(writeSync(1, rest)); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
  }
  return lines;
};`;

describe('a function that floods its log', () => {
  const PRINTED = 800_000;
  const LINE_BYTES = 15;
  const CAP = 8 * 1024 * 1024;

  it('ends as ever; each line is kept in order, counted as dropped, or behind the end that is told', async () => {
    await deploy({ name: 'chatty', code: chatters });
    const run = await spool.api<Invocation>('POST', '/v1/functions/chatty/invocations', { lines: PRINTED });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: PRINTED });
    const lines = await allLogs(run.id);
    const kept = lines.flatMap((line) => /^line (\d{9})$/.exec(line)?.[1] ?? []).map(Number);
    const told = lines.flatMap((line) => /^\[spool\] (\d+) lines dropped/.exec(line)?.[1] ?? []).map(Number);
    expect(kept).toEqual(kept.toSorted((a, b) => a - b));
    expect(new Set(kept).size).toBe(kept.length);
    // The cap may cut one line in two, which then is neither a whole one nor dropped.
    const whole = Math.floor(CAP / LINE_BYTES);
    expect(kept.length + told.reduce((sum, count) => sum + count, 0) - whole).toBeLessThanOrEqual(2);
    expect(whole - kept.length - told.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2);
    expect(kept.length).toBeGreaterThan(20_000);
    const next = await spool.api('POST', '/v1/functions/well-behaved/invocations', { still: 'here' });
    expect(next).toMatchObject({ status: 'SUCCEEDED' });
  });
});

async function allLogs(id: string): Promise<string[]> {
  const lines: string[] = [];
  for (let after = '0'; ; ) {
    const path = `/v1/invocations/${id}/logs?limit=5000&after=${after}`;
    const { items } = await spool.api<{ items: { id: string; line: string }[] }>('GET', path);
    if (items.length === 0) return lines;
    lines.push(...items.map(({ line }) => line));
    after = items.at(-1)!.id;
  }
}
