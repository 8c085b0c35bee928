import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { type Claim, type NewTask, type Task, TaskQueueRepository } from './index.js';

let postgres: TestDatabase;
let queue: TaskQueueRepository;
beforeAll(async () => {
  postgres = await createTestDatabase();
  await postgres.database.query(sql`insert into namespace (name) values ('other'), ('third')`);
});
afterAll(() => postgres.drop());
beforeEach(async () => {
  queue = new TaskQueueRepository(postgres.database);
  await postgres.database.query(sql`delete from task`);
  await postgres.database.query(sql`delete from quota`);
});

const executorId = randomUUID();
const GPU = { memoryMb: 80_000, isWhole: true };
const claimOf = (change: Partial<Claim> = {}): Claim => ({
  kind: 'function',
  labels: ['cpu'],
  limit: 8,
  memoryMb: 100_000,
  vcpu: 100,
  executorId,
  leaseSeconds: 30,
  ...change,
});
const claim = async (change: Partial<Claim> = {}): Promise<Task[]> => (await queue.claimUpTo(claimOf(change))).tasks;

async function enqueue(count: number, change: Partial<NewTask> = {}): Promise<string[]> {
  const what = { namespace: 'default', kind: 'function', resource: 'f', payload: {}, timeoutSeconds: 60 } as const;
  const tasks = Array.from({ length: count }, () => ({
    ...what,
    id: randomUUID(),
    labels: [],
    memoryMb: 100,
    vcpu: 1,
    ...change,
  }));
  await queue.insert(tasks);
  return tasks.map(({ id }) => id);
}

const countsOf = (tasks: readonly Task[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { namespace, resource } of tasks) {
    const name = `${namespace}/${resource}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};
const later = (seconds: number) =>
  postgres.database.query(sql`update task set run_at = run_at - make_interval(secs => ${seconds})`);
const end = (tasks: readonly Task[]) =>
  postgres.database.query(
    sql`update task set status = 'SUCCEEDED' where id = any(${tasks.map(({ id }) => id)}::uuid[])`,
  );

describe('a claim for instances that have room', () => {
  it('takes tasks of their version and namespace and nothing else, as many as they have places', async () => {
    const [mine, another] = [randomUUID(), randomUUID()];
    await enqueue(3, { resource: 'f', functionVersionId: mine, memoryMb: 4_000 });
    await enqueue(3, { resource: 'g', functionVersionId: another });
    await enqueue(3, { namespace: 'other', resource: 'f', functionVersionId: mine });
    const only = { versionId: mine, namespace: 'default' };
    expect(countsOf(await claim({ only, limit: 2 }))).toEqual({ 'default/f': 2 });
    expect(countsOf(await claim({ only, limit: 8 }))).toEqual({ 'default/f': 1 });
    expect(await claim({ only, limit: 8 })).toEqual([]);
    expect(Object.keys(countsOf(await claim())).toSorted()).toEqual(['default/g', 'other/f']);
  });
});

describe('fairness', () => {
  it('starts the ten of a function at once, though thousands of another were there before', async () => {
    await enqueue(3_000, { resource: 'burst' });
    const few = await enqueue(10, { resource: 'few' });
    const claimed: Task[] = [];
    for (let n = 0; n < 3; n++) claimed.push(...(await claim()));
    expect(few.every((id) => claimed.some((task) => task.id === id))).toBe(true);
  });

  it('gives namespaces the same, however many functions one of them has in the queue', async () => {
    for (let n = 0; n < 20; n++) await enqueue(5, { resource: `f${n}` });
    await enqueue(20, { namespace: 'other' });
    const claimed = countsOf(await claim());
    expect(claimed['other/f']).toBe(4);
  });

  it('counts what runs already: who has least gets the next slots, and one slot goes round', async () => {
    await enqueue(50, { resource: 'greedy' });
    expect(await claim()).toHaveLength(8);
    await enqueue(50, { namespace: 'other', resource: 'late' });
    expect(countsOf(await claim())).toEqual({ 'other/late': 8 });
    const singles: Task[] = [];
    for (let n = 0; n < 6; n++) singles.push(...(await claim({ limit: 1 })));
    expect(countsOf(singles)).toEqual({ 'other/late': 3, 'default/greedy': 3 });
  });

  it('comes round to every function, though there are more than one claim looks at', async () => {
    for (let n = 0; n < 300; n++) await enqueue(1, { resource: `f${n}`, labels: n < 299 ? ['nowhere'] : [] });
    const claimed = [...(await claim()), ...(await claim()), ...(await claim())];
    expect(claimed.map(({ resource }) => resource)).toEqual(['f299']);
  });

  it('shares out what many executors take at the same time, each task once', async () => {
    await enqueue(200, { resource: 'a' });
    await enqueue(200, { namespace: 'other', resource: 'b' });
    const rounds = Array.from({ length: 12 }, () => claim({ limit: 10, executorId: randomUUID() }));
    const claimed = (await Promise.all(rounds)).flat();
    expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length);
    const { 'default/a': ofA = 0, 'other/b': ofB = 0 } = countsOf(claimed);
    expect(Math.min(ofA, ofB)).toBeGreaterThan(20);
  });
});

describe('a limit', () => {
  it('of a function holds across its versions, and lets others pass', async () => {
    const needs = { maxConcurrency: 3 };
    await enqueue(5, { resource: 'held', needs, functionVersionId: randomUUID() });
    await enqueue(5, { resource: 'held', needs, functionVersionId: randomUUID() });
    await enqueue(2, { resource: 'free' });
    const first = await claim();
    expect(countsOf(first)).toEqual({ 'default/held': 3, 'default/free': 2 });
    expect(await claim()).toEqual([]);
    await end(first.filter(({ resource }) => resource === 'held').slice(1));
    expect(countsOf(await claim())).toEqual({ 'default/held': 2 });
  });

  it('of a namespace holds for all of its functions together', async () => {
    await postgres.database.query(sql`insert into quota (namespace, max_running) values ('other', 4)`);
    for (const resource of ['a', 'b', 'c']) await enqueue(5, { namespace: 'other', resource });
    await enqueue(3);
    const first = [...(await claim()), ...(await claim())];
    expect(first.filter(({ namespace }) => namespace === 'other')).toHaveLength(4);
    expect(first.filter(({ namespace }) => namespace === 'default')).toHaveLength(3);
    await postgres.database.query(sql`update quota set max_running = 5`);
    expect(await claim()).toHaveLength(1);
  });

  it('is not exceeded by executors that claim at the same time', async () => {
    await enqueue(100, { needs: { maxConcurrency: 7 } });
    const rounds = Array.from({ length: 10 }, () => claim({ limit: 5, executorId: randomUUID() }));
    expect((await Promise.all(rounds)).flat()).toHaveLength(7);
  });
});

describe('devices', () => {
  it('go to tasks that ask for them, in as many as there are; the others get the rest', async () => {
    await enqueue(4, { resource: 'train', needs: { gpus: 1 } });
    await enqueue(4, { resource: 'plain' });
    expect(countsOf(await claim())).toEqual({ 'default/plain': 4 });
    await enqueue(4, { resource: 'plain' });
    const claimed = await claim({ gpus: [GPU, { memoryMb: 50_000, isWhole: false }, GPU] });
    expect(countsOf(claimed)).toEqual({ 'default/train': 2, 'default/plain': 4 });
  });

  it('are shared by memory', async () => {
    await enqueue(6, { needs: { gpus: 1, gpuMemoryMb: 30_000 } });
    expect(await claim({ gpus: [GPU, { memoryMb: 59_000, isWhole: false }] })).toHaveLength(3);
    expect(await claim({ gpus: [{ memoryMb: 29_999, isWhole: false }] })).toEqual([]);
  });

  it('that a task needs several of are there together or not at all', async () => {
    await enqueue(3, { needs: { gpus: 2 } });
    expect(await claim({ gpus: [GPU] })).toEqual([]);
    expect(await claim({ gpus: [GPU, GPU, GPU, GPU] })).toHaveLength(1);
  });

  it('of the encoder count as sessions', async () => {
    await enqueue(6, { needs: { encoderSessions: 1 } });
    expect(await claim({ encoderSessions: 2 })).toHaveLength(2);
    expect(await claim({ encoderSessions: 0 })).toEqual([]);
    expect(await claim()).toHaveLength(4);
  });
});

describe('a task that would rather have a GPU', () => {
  const prefer = { gpus: 1, labels: ['encoder=h264_nvenc'], afterSeconds: 30 };

  it('gets it where there is one', async () => {
    await enqueue(1, { needs: { prefer } });
    const [task] = await claim({ gpus: [GPU], labels: ['cpu', 'encoder=h264_nvenc'] });
    expect(task).toMatchObject({ isPreferred: true });
  });

  it('waits for as long as it said, and then does without', async () => {
    await enqueue(1, { needs: { prefer } });
    expect(await claim({ gpus: [GPU] })).toEqual([]);
    await later(29);
    expect(await claim()).toEqual([]);
    await later(2);
    expect(await claim()).toMatchObject([{ isPreferred: false }]);
  });
});

describe('what is ready elsewhere', () => {
  it('is left to who has it for a moment, and no longer', async () => {
    const functionVersionId = randomUUID();
    await enqueue(1, { functionVersionId });
    expect(await claim({ leftToOthers: [functionVersionId] })).toEqual([]);
    await later(1);
    expect(await claim({ leftToOthers: [functionVersionId] })).toHaveLength(1);
  });

  it('comes first where its code is, among equals', async () => {
    const functionVersionId = randomUUID();
    for (let n = 0; n < 5; n++) await enqueue(3, { resource: `f${n}` });
    await enqueue(3, { resource: 'cached', functionVersionId });
    expect(countsOf(await claim({ limit: 1, cached: [functionVersionId] }))).toEqual({ 'default/cached': 1 });
  });
});

describe('a claim', () => {
  it('tells whether anything is left that would fit', async () => {
    await enqueue(3);
    expect(await queue.claimUpTo(claimOf({ limit: 2 }))).toMatchObject({ isAll: false });
    expect(await queue.claimUpTo(claimOf())).toMatchObject({ isAll: true });
    await enqueue(2, { resource: 'a' });
    await enqueue(2, { resource: 'b' });
    expect(await queue.claimUpTo(claimOf({ limit: 3 }))).toMatchObject({ isAll: false });
    expect(await queue.claimUpTo(claimOf())).toMatchObject({ isAll: true });
    await enqueue(1, { labels: ['nowhere'] });
    expect(await queue.claimUpTo(claimOf())).toMatchObject({ tasks: [], isAll: true });
  });

  it('is not held up by what does not fit, of whatever it has too little', async () => {
    await enqueue(5, { resource: 'big', memoryMb: 200_000 });
    await enqueue(5, { resource: 'wide', vcpu: 200 });
    await enqueue(5, { resource: 'far', labels: ['gpu'] });
    await enqueue(5, { resource: 'gpu', needs: { gpus: 1 } });
    await enqueue(5, { resource: 'small' });
    expect(countsOf(await claim())).toEqual({ 'default/small': 5 });
  });
});

describe('where all functions have limits', () => {
  it('what has none is claimed as soon as it comes, and each time', async () => {
    await enqueue(20, { resource: 'limited', needs: { maxConcurrency: 100 } });
    expect(countsOf(await claim({ limit: 2 }))).toEqual({ 'default/limited': 2 });
    expect(countsOf(await claim({ limit: 2 }))).toEqual({ 'default/limited': 2 });
    await enqueue(20, { resource: 'open' });
    const both = [...(await claim({ limit: 4 })), ...(await claim({ limit: 4 }))];
    expect(countsOf(both)['default/open']).toBeGreaterThanOrEqual(4);
  });

  it('limits are exact, whoever claims at the same time', async () => {
    for (const resource of ['a', 'b', 'c']) await enqueue(30, { resource, needs: { maxConcurrency: 5 } });
    const queues = Array.from({ length: 4 }, () => new TaskQueueRepository(postgres.database));
    const claims = Array.from({ length: 12 }, (_, n) => queues[n % 4]?.claimUpTo(claimOf({ limit: 4 })));
    const claimed = (await Promise.all(claims)).flatMap((one) => one?.tasks ?? []);
    expect(countsOf(claimed)).toEqual({ 'default/a': 5, 'default/b': 5, 'default/c': 5 });
  });
});
