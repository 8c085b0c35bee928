import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { type Claim, endTasks, type NewTask, TaskQueueRepository, TaskRepository } from './index.js';

let postgres: TestDatabase;
let queue: TaskQueueRepository;
let tasks: TaskRepository;
const executorId = randomUUID();
beforeAll(async () => {
  postgres = await createTestDatabase();
  queue = new TaskQueueRepository(postgres.database);
  tasks = new TaskRepository(postgres.database);
});
afterAll(() => postgres.drop());
beforeEach(() => postgres.database.query(sql`delete from task`));

const claimOf = (change: Partial<Claim> = {}): Claim => ({
  kind: 'function',
  labels: ['cpu'],
  limit: 10,
  memoryMb: 1_000,
  vcpu: 4,
  executorId,
  leaseSeconds: 30,
  ...change,
});

async function enqueue(change: Partial<NewTask> = {}): Promise<string> {
  const id = randomUUID();
  const what = { id, namespace: 'default', kind: 'function', resource: 'f', payload: {}, timeoutSeconds: 60 } as const;
  await queue.insert([{ ...what, labels: [], memoryMb: 100, vcpu: 1, ...change }]);
  return id;
}
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

describe('a claim', () => {
  it('gives each task to one claimer only', async () => {
    for (let n = 0; n < 40; n++) await enqueue();
    const claimed = await Promise.all(
      Array.from({ length: 8 }, () => queue.claim(claimOf({ limit: 5, vcpu: 100, memoryMb: 1e5 }))),
    );
    expect(new Set(claimed.flat().map(({ id }) => id)).size).toBe(claimed.flat().length);
  });

  it('passes over a row that another transaction holds, without waiting for it', async () => {
    const held = await enqueue();
    const free = await enqueue();
    const other = new Client({ connectionString: postgres.url });
    await other.connect();
    await other.query('begin');
    await other.query('select from task where id = $1 for update', [held]);
    expect(ids(await queue.claim(claimOf()))).toEqual([free]);
    await other.end();
  });

  it('takes only what fits together into what is free', async () => {
    for (let n = 0; n < 3; n++) await enqueue({ memoryMb: 400, vcpu: 1 });
    expect(await queue.claim(claimOf({ memoryMb: 1_000 }))).toHaveLength(2);
  });

  it('gives a task only to executors that have all its labels', async () => {
    const id = await enqueue({ labels: ['gpu', 'nvenc'] });
    expect(await queue.claim(claimOf({ labels: ['cpu', 'gpu'] }))).toEqual([]);
    expect(ids(await queue.claim(claimOf({ labels: ['cpu', 'gpu', 'nvenc'] })))).toEqual([id]);
  });

  it('is not held up by a task that does not fit at the head', async () => {
    await enqueue({ labels: ['gpu'] });
    const small = await enqueue();
    expect(ids(await queue.claim(claimOf({ limit: 1 })))).toEqual([small]);
  });
});

describe('a lease', () => {
  it('that ran out makes the task due again, with the next attempt', async () => {
    const id = await enqueue();
    await queue.claim(claimOf({ leaseSeconds: 0 }));
    expect(await queue.claim(claimOf())).toMatchObject([{ id, attempt: 2 }]);
    expect(await tasks.hold({ id, attempt: 1 })).toBeUndefined();
    expect(await tasks.hold({ id, attempt: 2 })).toMatchObject({ id });
  });

  it('is renewed for who holds it, and for nobody else', async () => {
    const id = await enqueue();
    await queue.claim(claimOf());
    const held = [{ id, attempt: 1 }];
    expect(await queue.extend(executorId, held, 30)).toEqual(held);
    expect(await queue.extend(randomUUID(), held, 30)).toEqual([]);
    expect(await queue.extend(executorId, [{ id, attempt: 2 }], 30)).toEqual([]);
  });

  it('is not renewed for a cancelled task: its executor is told to kill it', async () => {
    const id = await enqueue();
    await queue.claim(claimOf());
    await tasks.cancel(id);
    expect(await queue.extend(executorId, [{ id, attempt: 1 }], 30)).toEqual([]);
  });

  it('that is handed back makes the task due at once, fences the attempt off, and uses none up', async () => {
    const id = await enqueue({ maxAttempts: 1 });
    await queue.claim(claimOf());
    expect(await queue.handBack(randomUUID(), [{ id, attempt: 1 }])).toBe(0);
    expect(await queue.handBack(executorId, [{ id, attempt: 1 }])).toBe(1);
    expect(await tasks.hold({ id, attempt: 1 })).toBeUndefined();
    expect(await queue.handBack(executorId, [{ id, attempt: 1 }])).toBe(0);
    expect(await queue.claim(claimOf())).toMatchObject([{ id, attempt: 2 }]);
  });

  it('lost with every attempt leaves the task to be failed', async () => {
    const id = await enqueue();
    for (let n = 0; n < 5; n++) await queue.claim(claimOf({ leaseSeconds: 0 }));
    expect(await queue.claim(claimOf())).toEqual([]);
    expect(ids(await queue.claimLost(10, 30))).toEqual([id]);
  });

  it('whose giving never arrived is given again with the same attempt', async () => {
    const id = await enqueue();
    await queue.claim(claimOf());
    await postgres.database.query(sql`update task set started_at = now() - interval '3 s'`);
    expect(await queue.listUnmentioned(executorId, [], 2)).toMatchObject([{ id, attempt: 1 }]);
    expect(await queue.listUnmentioned(executorId, [id], 2)).toEqual([]);
  });
});

it('an ended task is found by its key, however few run, and not among all that run', async () => {
  const { text, values } = endTasks([{ id: randomUUID(), attempt: 1, status: 'SUCCEEDED' }], sql`true`);
  for (let n = 0; n < 200; n++) await enqueue();
  await postgres.database.query(sql`update task set status = 'SUCCEEDED'`);
  await postgres.database.query(sql`analyze task`);
  const plan = await postgres.database.query({ text: `explain ${text}`, values });
  expect(JSON.stringify(plan)).toContain('Index Scan using task_pkey');
});
