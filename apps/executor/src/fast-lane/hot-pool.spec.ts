import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HandlerInstance, type HotEnd, openSandbox, type Sandbox } from '@app/sandbox';
import { readConfig } from '../config.js';
import { WorkFolders } from '../files/work-folders.js';
import { Instances } from '../instances/instances.js';
import { Templates } from '../warm/templates.js';
import { WarmInstances } from '../warm/warm-instances.js';
import { Capacity } from '../worker/capacity.js';
import { HotPool } from './hot-pool.js';
import type { PoolCall } from './pool-call.js';

const KEY = 'a version';
let dir: string;
let sandbox: Sandbox;
let folders: WorkFolders;
let warm: WarmInstances;
let pool: HotPool;
/** What emptying a folder waits for. */
let mayEmpty: Promise<unknown>;
let emptied: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'spool-pool-'));
  const config = readConfig({ SPOOL_EXECUTOR_TOKEN: 'a-token-of-an-executor', SPOOL_WORK_DIR: dir });
  ({ sandbox } = await openSandbox({ driver: 'process' }));
  folders = new WorkFolders(config);
  const instances = new Instances();
  const templates = new Templates(config, sandbox, folders, instances, new Capacity(config.capacity));
  warm = new WarmInstances(config, folders, instances, templates);
  mayEmpty = Promise.resolve();
  emptied = [];
  mkdirSync(join(dir, 'code'));
  writeFileSync(
    join(dir, 'code', 'index.mjs'),
    'export const handler = (event) => new Promise((resolve) => setTimeout(resolve, event.ms ?? 0, process.pid))',
  );
  pool = newPool();
});
afterEach(async () => {
  await pool.close(0);
  await warm.close();
  await folders.close();
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Its folders are the real ones, and take as long to empty as a test wants. */
function newPool(): HotPool {
  const empty = folders.empty.bind(folders);
  folders.empty = async (work) => {
    emptied.push(work);
    await mayEmpty;
    return empty(work);
  };
  const parts = { isWanted: () => false, isCrowded: () => false, onChange() {}, onMeasured() {} };
  const tools = { ...parts, warm, folders, reserve: () => () => {}, start };
  return new HotPool(tools, KEY, { memoryMb: 64, vcpu: 0.1 });
}

async function start(): Promise<{ handler: HandlerInstance; work: string }> {
  const id = randomUUID();
  const work = await folders.create({ id, attempt: 1 });
  const version = { name: 'f', version: 1, runtime: 'nodejs', environment: {}, memoryMb: 64 } as const;
  const task = { id, attempt: 1, payload: {}, inputs: {}, outputs: {}, context: { namespace: 'default' } };
  const paths = { work, code: join(dir, 'code') };
  const handler = await HandlerInstance.start(sandbox, {
    ...version,
    ...task,
    folders: paths,
    timeoutMs: 60_000,
    graceMs: 0,
  });
  if ('failure' in handler) throw new Error(handler.failure.error);
  return { handler, work };
}

function call(event: object = {}): Promise<HotEnd | 'declined'> {
  return new Promise((resolve) => {
    const limits = { timeoutMs: 60_000, graceMs: 0, memoryMb: 64 };
    const listener = { onLine() {}, onProgress() {} };
    const one: PoolCall = {
      id: randomUUID(),
      event: Buffer.from(JSON.stringify(event)),
      functionArn: '',
      cameAt: performance.now(),
      ...limits,
      ...listener,
      onEnd: resolve,
      onDeclined: () => resolve('declined'),
    };
    pool.call(one);
  });
}

/** Two that are hot at once. */
async function heatTwo(): Promise<void> {
  for (const { handler, work } of [await start(), await start()]) {
    await handler.heat();
    await handler.rest();
    warm.put({ key: KEY, memoryMb: 64, work, handler });
  }
  const ends = await Promise.all([call({ ms: 200 }), call({ ms: 200 })]);
  expect(ends).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'SUCCEEDED' }]);
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await sleep(5);
};

describe('instances that have nothing to do', () => {
  it('are laid to rest once each, however long it takes to empty the folder of the first', async () => {
    await heatTwo();
    const disk = new EventEmitter();
    mayEmpty = once(disk, 'goes on');
    await until(() => emptied.length === 2);
    await sleep(200); // Some more rounds of looking for idle ones, which must find none.
    disk.emit('goes on');
    await until(() => warm.count(KEY) === 2);
    expect(new Set(emptied).size).toBe(2);
    expect(emptied).toHaveLength(2);
    expect(await call()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('get no call once they have died, before anybody has looked after them', async () => {
    const { handler, work } = await start();
    await handler.heat();
    await handler.rest();
    warm.put({ key: KEY, memoryMb: 64, work, handler });
    const end = await call();
    const asked = handler.gone.then(() => call());
    if (end === 'declined' || end.status !== 'SUCCEEDED') throw new Error('it was not served');
    process.kill(Number(end.output.toString()), 'SIGKILL');
    const next = await asked;
    expect(next === 'declined' ? next : next.status).toMatch(/declined|SUCCEEDED/);
  });

  it('are ended with their folder when that cannot be emptied, and the executor lives on', async () => {
    await heatTwo();
    mayEmpty = Promise.reject(new Error('the disk says no'));
    mayEmpty.catch(() => {});
    await until(() => pool.places === 0);
    await until(() => readdirSync(join(dir, 'tasks', readdirSync(join(dir, 'tasks'))[0]!)).length === 0);
    expect(warm.count(KEY)).toBe(0);
  });
});
