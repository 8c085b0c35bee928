import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sql } from '@app/common';
import { devicesOf, diskOf, type NewTask, type Task, TaskQueueRepository } from '@app/queue';
import type { Resources } from '@app/worker-api';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { ReservationRepository } from './reservation.repository.js';
import { hasRoom, leftBeside } from './reservations.js';
import { ReservationsService } from './reservations.service.js';

/**
 * A cluster without processes: executors are accounts of what is free, a round is a second, and tasks take as many rounds
 * as they say. Claims, limits and reservations are the real ones, on a real Postgres.
 */
const RESERVE_AFTER = 30;
const GPU = { memoryMb: 80_000, isWhole: true };

interface Executor {
  readonly id: string;
  readonly labels: string[];
  readonly capacity: Resources;
  running: { readonly task: Task; until: number }[];
}

let postgres: TestDatabase;
let queue: TaskQueueRepository;
let reserving: ReservationRepository;
let service: ReservationsService;
let round: number;
let executors: Executor[];
let waits: Map<string, number>;

beforeAll(async () => {
  Logger.overrideLogger(false);
  postgres = await createTestDatabase();
  await postgres.database.query(sql`insert into namespace (name) values ('b'), ('c')`);
});
afterAll(() => postgres.drop());
beforeEach(async () => {
  queue = new TaskQueueRepository(postgres.database);
  const options = { leaseSeconds: 1, heartbeatSeconds: 1, reserveAfterSeconds: RESERVE_AFTER };
  reserving = new ReservationRepository(postgres.database);
  service = new ReservationsService(postgres.database, reserving, options);
  for (const table of ['task', 'quota', 'executor'])
    await postgres.database.query({ text: `delete from ${table}`, values: [] });
  [round, executors, waits] = [0, [], new Map()];
});

async function executor(name: string, capacity: Resources, labels = ['cpu']): Promise<void> {
  const id = randomUUID();
  await postgres.database.query(sql`
    insert into executor (id, name, labels, declared_labels, capacity, version)
    values (${id}, ${name}, ${labels}, ${labels}, ${JSON.stringify(capacity)}::jsonb, '')`);
  executors.push({ id, labels, capacity, running: [] });
}

/** How many rounds it takes is in its payload. */
async function enqueue(resource: string, rounds: number, change: Partial<NewTask> = {}): Promise<string> {
  const id = randomUUID();
  const what = { namespace: 'default', kind: 'function', labels: [], memoryMb: 1_000, vcpu: 1 } as const;
  await queue.insert([{ ...what, id, resource, payload: { rounds, at: round }, timeoutSeconds: 60, ...change }]);
  return id;
}

function freeOf({ capacity, running }: Executor): Resources {
  const tasks = running.map(({ task }) => task);
  const sum = (of: (task: Task) => number) => tasks.reduce((all, task) => all + of(task), 0);
  const gpus = sum((task) => devicesOf(task)?.gpus ?? 0);
  return {
    slots: capacity.slots - tasks.length,
    memoryMb: capacity.memoryMb - sum(({ memoryMb }) => memoryMb),
    vcpu: capacity.vcpu - sum(({ vcpu }) => vcpu),
    ...(capacity.diskMb !== undefined && { diskMb: capacity.diskMb - sum((task) => diskOf(task, capacity)) }),
    ...(capacity.diskShareMb !== undefined && { diskShareMb: capacity.diskShareMb }),
    ...(capacity.gpus && { gpus: capacity.gpus.map((gpu, n) => (n < gpus ? { memoryMb: 0, isWhole: false } : gpu)) }),
  };
}

const isOvercommitted = (one: Executor): boolean => {
  const { slots, memoryMb, vcpu, diskMb = 0 } = freeOf(one);
  const gpus = one.running.reduce((all, { task }) => all + (devicesOf(task)?.gpus ?? 0), 0);
  return Math.min(slots, memoryMb, vcpu, diskMb) < 0 || gpus > (one.capacity.gpus?.length ?? 0);
};

async function claim(one: Executor): Promise<void> {
  const free = freeOf(one);
  const reserved = await reserving.find(one.id);
  const isReady = reserved !== undefined && hasRoom(reserved, free);
  const { slots, ...room } = reserved && !isReady ? leftBeside(free, reserved) : free;
  if (slots === 0) return;
  const only = isReady ? { onlyTask: reserved.id } : {};
  const wanted = {
    kind: 'function',
    labels: one.labels,
    limit: slots,
    ...room,
    executorId: one.id,
    leaseSeconds: 86_400,
  } as const;
  for (const task of await queue.claim({ ...wanted, ...only })) {
    const { rounds, at } = task.payload as { rounds: number; at: number };
    waits.set(task.id, round - at);
    one.running.push({ task, until: round + rounds });
  }
}

/** A second goes by: what has ended ends, executors claim in turn, and who has starved is seen to. */
async function turn(): Promise<void> {
  round++;
  await postgres.database.query(sql`update task set run_at = run_at - interval '1 s' where status = 'QUEUED'`);
  const ended = executors.flatMap(({ running }) => running.filter(({ until }) => until <= round));
  const ids = ended.map(({ task }) => task.id);
  await postgres.database.query(sql`update task set status = 'SUCCEEDED' where id = any(${ids}::uuid[])`);
  for (const one of executors) {
    one.running = one.running.filter(({ until }) => until > round);
    await claim(one);
    await postgres.database.query(sql`
      update executor set free = ${JSON.stringify(freeOf(one))}::jsonb, seen_at = now() where id = ${one.id}`);
    expect(isOvercommitted(one)).toBe(false);
  }
  await service.reserve();
}

const machine = { slots: 8, memoryMb: 8_000, vcpu: 8, diskMb: 8_000, diskShareMb: 1_000 };
const isDone = (id: string) => waits.has(id);

describe('a task that needs a whole machine', () => {
  it('gets one, though small ones always wait, once it has waited for so long and what runs there has ended', async () => {
    await executor('one', machine);
    await executor('two', machine);
    for (let n = 0; n < 40; n++) await enqueue('small', 1 + (n % 5));
    await turn();
    const large = await enqueue('large', 1, { memoryMb: 8_000, vcpu: 8 });
    for (; !isDone(large) && round < 60; ) {
      for (let n = 0; n < 6; n++) await enqueue('small', 1 + ((round + n) % 5));
      await turn();
    }
    expect(waits.get(large)).toBeLessThanOrEqual(RESERVE_AFTER + 8);
  });

  it('that has a GPU as well holds up none who need none, while another has the GPU', async () => {
    await executor('gpu', { ...machine, gpus: [GPU] });
    await enqueue('encode', 80, { needs: { gpus: 1 } });
    await turn();
    const waiting = await enqueue('encode', 1, { needs: { gpus: 1 }, memoryMb: 7_000 });
    const small: string[] = [];
    for (; round < 60; ) {
      small.push(await enqueue('small', 1));
      await turn();
    }
    expect(small.every((id) => isDone(id) && (waits.get(id) ?? 99) <= 2)).toBe(true);
    expect(isDone(waiting)).toBe(false);
    for (; !isDone(waiting) && round < 100; ) {
      for (let n = 0; n < 3; n++) await enqueue('small', 2);
      await turn();
    }
    // The GPU came free in round 81.
    expect(round).toBeLessThan(90);
  });
});

/** Small, and the same in each run: a linear congruence (Numerical Recipes). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

it.each([1, 2])(
  'of tasks of many kinds all run, none waits for ever, and no limit is passed (seed %i)',
  async (seed) => {
    const roll = dice(seed);
    await executor('plain', machine);
    await executor('large', { ...machine, memoryMb: 16_000 });
    await executor('gpu', { ...machine, gpus: [GPU, GPU] }, ['cpu', 'gpu']);
    await postgres.database.query(sql`insert into quota (namespace, max_running) values ('c', 3)`);
    const kinds: [string, Partial<NewTask>][] = [
      ['small', {}],
      ['tiny', { memoryMb: 100, vcpu: 0.1 }],
      ['limited', { needs: { maxConcurrency: 2 } }],
      ['disk', { needs: { diskMb: 5_000 } }],
      ['gpu', { needs: { gpus: 1 } }],
      ['both', { needs: { gpus: 2 }, memoryMb: 4_000 }],
      ['whole', { memoryMb: 16_000, vcpu: 8 }],
      ['labelled', { labels: ['gpu'], vcpu: 4 }],
    ];
    const all: string[] = [];
    const namespaces = ['default', 'b', 'c'];
    for (; round < 400; ) {
      const fresh = round < 40 ? 3 : 0;
      for (let n = 0; n < fresh; n++) {
        const [resource, change] = kinds[roll(4) < 3 ? roll(3) : roll(kinds.length)] ?? ['small', {}];
        all.push(await enqueue(resource, 1 + roll(6), { namespace: namespaces[roll(3)] ?? 'b', ...change }));
      }
      await turn();
      const running = executors.flatMap((one) => one.running.map(({ task }) => task));
      expect(running.filter(({ namespace }) => namespace === 'c').length).toBeLessThanOrEqual(3);
      for (const namespace of namespaces) {
        const limited = running.filter((task) => task.resource === 'limited' && task.namespace === namespace);
        expect(limited.length).toBeLessThanOrEqual(2);
      }
      if (round > 40 && all.every(isDone)) break;
    }
    expect(all.filter((id) => !isDone(id))).toEqual([]);
  },
);
