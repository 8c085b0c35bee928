import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { type Claim, type NewTask, type Task, TaskQueueRepository } from './index.js';

let postgres: TestDatabase;
let queue: TaskQueueRepository;
beforeAll(async () => {
  postgres = await createTestDatabase();
});
afterAll(() => postgres.drop());
beforeEach(async () => {
  queue = new TaskQueueRepository(postgres.database);
  await postgres.database.query(sql`delete from task`);
  await postgres.database.query(sql`delete from quota`);
});

async function enqueue(count: number, change: Partial<NewTask> = {}): Promise<void> {
  const what = { namespace: 'default', kind: 'function', resource: 'f', payload: {}, timeoutSeconds: 60 } as const;
  const one = () => ({ ...what, id: randomUUID(), labels: [], memoryMb: 100, vcpu: 1, ...change });
  await queue.insert(Array.from({ length: count }, one));
}

async function claim(change: Partial<Claim> = {}): Promise<Task[]> {
  const room = { labels: ['cpu'], limit: 8, memoryMb: 100_000, vcpu: 100, leaseSeconds: 30 };
  return (await queue.claimUpTo({ kind: 'function', ...room, executorId: randomUUID(), ...change })).tasks;
}

const end = (tasks: readonly Task[]) =>
  postgres.database.query(
    sql`update task set status = 'SUCCEEDED' where id = any(${tasks.map(({ id }) => id)}::uuid[])`,
  );
const loseAll = () =>
  postgres.database.query(sql`update task set run_at = now() - interval '1 s' where status = 'RUNNING'`);
const quota = (maxRunning: number) =>
  postgres.database.query(sql`
    insert into quota (namespace, max_running) values ('default', ${maxRunning})
    on conflict (namespace) do update set max_running = excluded.max_running`);

/** What claims while another claim is not committed yet. */
async function during(first: () => Promise<unknown>, then: () => Promise<void>): Promise<void> {
  const failure = new Error('taken back');
  // Of another connection: bound here, it is in no transaction.
  const outside = AsyncResource.bind(then);
  const taken = postgres.database.transaction(async () => {
    await first();
    await outside();
    throw failure;
  });
  await expect(taken).rejects.toBe(failure);
}

describe.each([
  ['a function', { maxConcurrency: 7 }, undefined],
  ['a namespace', undefined, 7],
])('the limit of %s', (_, needs, maxRunning) => {
  const change = { ...(needs && { needs }) };
  beforeEach(async () => {
    if (maxRunning !== undefined) await quota(maxRunning);
  });

  it('lets claims at the same time take what is free below it, and none waits for another', async () => {
    await enqueue(20, change);
    await during(
      async () => expect(await claim({ limit: 4 })).toHaveLength(4),
      async () => {
        expect(await claim({ limit: 2 })).toHaveLength(2);
        expect(await claim()).toHaveLength(1);
        expect(await claim()).toEqual([]);
      },
    );
    expect(await claim()).toHaveLength(4);
    expect(await claim()).toEqual([]);
  });

  it('holds though everything is lost: the lost are put back, and the late come too late', async () => {
    await enqueue(10, change);
    const executorId = randomUUID();
    const held = await claim({ executorId });
    expect(held).toHaveLength(7);
    await loseAll();
    expect(await claim()).toEqual([]);
    // Who is late and not yet given up keeps what it has.
    const [first, ...others] = held;
    expect(await queue.extend(executorId, first ? [first] : [], 30)).toHaveLength(1);
    expect(await queue.requeueLost(50)).toBe(6);
    expect(await queue.extend(executorId, others, 30)).toEqual([]);
    const again = await claim();
    expect(again).toHaveLength(6);
    expect(again.filter(({ attempt }) => attempt === 2).length).toBeGreaterThan(0);
    expect(await claim()).toEqual([]);
  });

  it('counts what was put back, cancelled or ended no longer', async () => {
    await enqueue(30, change);
    const executorId = randomUUID();
    const held = await claim({ executorId });
    await end(held.slice(0, 2));
    expect(await queue.handBack(executorId, held.slice(2, 4))).toBe(2);
    await queue.defer(held.slice(4, 5), 3_600);
    expect(await claim()).toHaveLength(5);
    expect(await claim()).toEqual([]);
  });

  it('is held to when many claim at once, and no claim fails', async () => {
    await enqueue(60, change);
    for (let round = 0; round < 6; round++) {
      const claims = Array.from({ length: 8 }, (__, n) => claim({ limit: 1 + (n % 3) }));
      const claimed = (await Promise.all(claims)).flat();
      expect(claimed).toHaveLength(7);
      await end(claimed);
    }
  });
});

it('what ran before there was a quota counts, and so does what a lowered one left above it', async () => {
  await enqueue(30);
  const before = await claim({ limit: 4 });
  await quota(6);
  const numbered = await claim();
  expect(numbered).toHaveLength(2);
  await quota(3);
  await end(before.slice(0, 3));
  expect(await claim()).toEqual([]);
  await end(numbered);
  expect(await claim()).toHaveLength(2);
  await quota(20);
  await end(before);
  expect(await claim({ limit: 30 })).toHaveLength(18);
});

it('what had a place below a quota runs without one when there is none any more', async () => {
  await enqueue(4);
  await quota(2);
  const executorId = randomUUID();
  const held = await claim({ executorId });
  await queue.handBack(executorId, held);
  await postgres.database.query(sql`delete from quota`);
  expect(await claim({ limit: 1 })).toHaveLength(1);
  expect(await claim()).toHaveLength(3);
});

it('a limit in the thousands that is nearly reached is still reached', async () => {
  await enqueue(20, { needs: { maxConcurrency: 5_000 } });
  await postgres.database.query(sql`
    insert into task (id, namespace, kind, resource, payload, labels, memory_mb, vcpu, timeout_seconds, status, run_at, function_place)
    select gen_random_uuid(), 'default', 'function', 'f', '{}', '{}', 100, 1, 60, 'RUNNING', now() + interval '1 hour', n
    from generate_series(1, 5000) n where n not in (17, 2500, 4999)`);
  expect(await claim()).toHaveLength(3);
  expect(await claim()).toEqual([]);
});
