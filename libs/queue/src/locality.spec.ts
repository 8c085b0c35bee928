import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { type Claim, type NewTask, TaskQueueRepository } from './index.js';

let postgres: TestDatabase;
let queue: TaskQueueRepository;
beforeAll(async () => {
  postgres = await createTestDatabase();
});
afterAll(() => postgres.drop());
beforeEach(async () => {
  queue = new TaskQueueRepository(postgres.database);
  await postgres.database.query(sql`delete from task`);
});

const [FILM, OTHER] = ['7000000000000000001', '-42'];
async function enqueue(change: Partial<NewTask> = {}): Promise<string> {
  const id = randomUUID();
  const what = { namespace: 'default', kind: 'function', resource: 'f', payload: {}, timeoutSeconds: 60 } as const;
  await queue.insert([{ ...what, id, labels: [], memoryMb: 100, vcpu: 1, ...change }]);
  return id;
}
const ago = (id: string, seconds: number) =>
  postgres.database.query(sql`update task set run_at = now() - make_interval(secs => ${seconds}) where id = ${id}`);
async function claim(change: Partial<Claim> = {}): Promise<string[]> {
  const room = { labels: ['cpu'], limit: 1, memoryMb: 10_000, vcpu: 10, executorId: randomUUID(), leaseSeconds: 30 };
  return (await queue.claimUpTo({ kind: 'function', ...room, ...change })).tasks.map(({ id }) => id);
}

// Of one function alone, and among others: two statements.
describe.each([
  ['alone in the queue', async () => undefined],
  ['among others', () => enqueue({ resource: 'other', labels: ['never'] })],
])('a task of a function that is %s', (_, surround) => {
  beforeEach(() => surround());

  it('comes first where its input is, though another has waited a little longer', async () => {
    const other = await enqueue({ inputKey: OTHER });
    const local = await enqueue({ inputKey: FILM });
    await ago(other, 5);
    expect(await claim({ inputs: [FILM] })).toEqual([local]);
    expect(await claim({ inputs: [FILM] })).toEqual([other]);
  });

  it('does not overtake what has waited much longer, so that nothing waits for ever', async () => {
    const other = await enqueue();
    await enqueue({ inputKey: FILM });
    await ago(other, 11);
    expect(await claim({ inputs: [FILM] })).toEqual([other]);
  });

  it('is left for a moment to who has its input and waits too, and not longer', async () => {
    // Within a transaction no time passes.
    const local = await postgres.database.transaction(async () => {
      const id = await enqueue({ inputKey: FILM });
      const other = await enqueue({ inputKey: OTHER });
      expect(await claim({ limit: 2, inputsOfOthers: [FILM] })).toEqual([other]);
      return id;
    });
    await ago(local, 1);
    expect(await claim({ inputsOfOthers: [FILM] })).toEqual([local]);
  });

  it('is claimed once, by whoever asks', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => enqueue({ inputKey: FILM })));
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim({ inputs: [FILM], limit: 2 })));
    expect(claims.flat().toSorted()).toEqual(ids.toSorted());
  });
});

describe('disk', () => {
  it('is shared by tasks that do not ask for it, as far as it goes', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => enqueue()));
    const first = await claim({ limit: 4, diskMb: 250, diskShareMb: 100 });
    expect(first).toHaveLength(2);
    await enqueue({ resource: 'other' });
    expect(await claim({ limit: 4, diskMb: 50, diskShareMb: 100 })).toEqual([]);
    const rest = await claim({ limit: 4, diskMb: 500, diskShareMb: 100 });
    expect(ids.every((id) => [...first, ...rest].includes(id))).toBe(true);
  });

  it('is given to tasks that ask for it as far as it goes, and to others where nobody shares it', async () => {
    const large = await enqueue({ needs: { diskMb: 600 } });
    const second = await enqueue({ needs: { diskMb: 600 } });
    const plain = await enqueue({ resource: 'plain' });
    await ago(large, 1);
    expect(new Set(await claim({ limit: 4, diskMb: 1_000 }))).toEqual(new Set([large, plain]));
    expect(await claim({ limit: 4, diskMb: 400 })).toEqual([]);
    expect(await claim({ limit: 4 })).toEqual([]);
    expect(await claim({ limit: 4, diskMb: 600 })).toEqual([second]);
  });
});

describe('a claim of one task only', () => {
  it('takes nothing else, and leaves it where it does not fit', async () => {
    await enqueue();
    const wanted = await enqueue({ resource: 'large', memoryMb: 5_000 });
    expect(await claim({ onlyTask: wanted, memoryMb: 4_000 })).toEqual([]);
    expect(await claim({ onlyTask: wanted, limit: 5 })).toEqual([wanted]);
  });

  it('holds to the limits of its function', async () => {
    const limited = { resource: 'limited', needs: { maxConcurrency: 1 } };
    const [first, second] = [await enqueue(limited), await enqueue(limited)];
    await ago(first, 1);
    expect(await claim()).toEqual([first]);
    expect(await claim({ onlyTask: second })).toEqual([]);
  });
});
