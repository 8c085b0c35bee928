import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Places } from '@app/worker-api';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { LeasesService } from './leases.service.js';

const ROOM = { slots: 4, memoryMb: 100_000, vcpu: 100 };
const NOTHING = { free: ROOM, running: [], results: [], waitMs: 0 };
const WANTED = { labels: [], memoryMb: 1, vcpu: 1 };

let engine: TestEngine;
let leases: LeasesService;
let executor: string;

beforeAll(async () => {
  engine = await createEngine();
  leases = engine.app.get(LeasesService, { strict: false });
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  const definition = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource: 'function:work', End: true } } };
  await engine.workflows.deploy('default', { name: 'one', definition: definition as never });
});
beforeEach(async () => {
  executor = crypto.randomUUID();
  await engine.database.query(sql`update task set status = 'CANCELLED' where status in ('QUEUED', 'RUNNING')`);
  await engine.database.query(sql`
    insert into executor (id, name, labels, capacity, version) values (${executor}, 'one', '{cpu}', '{}', '0')`);
  await take(ROOM);
});
afterAll(() => engine.close());

const NO_ROOM = { ...ROOM, slots: 0 };
const offered = (free: typeof ROOM, places: Places = []) =>
  leases.offer(
    executor,
    { labels: ['cpu'], has: { warm: new Set(), cached: new Set(), inputs: new Set() }, reserved: null },
    { free, places },
  );

/** An exchange that ends at once: the executions whose tasks it gives. */
async function take(free: typeof ROOM, meanwhile = async (): Promise<void> => {}): Promise<(string | undefined)[]> {
  const offer = offered(free);
  try {
    await meanwhile();
    return (await leases.claim(offer, NOTHING)).map(({ waiter }) => waiter?.executionId);
  } finally {
    leases.withdraw(offer);
  }
}

/** Whether what is made now would be given to an executor with this much room, past the queue. */
function isOpen(free: typeof ROOM): boolean {
  const offer = offered(free);
  leases.withdraw(offer);
  return offer.fits(WANTED);
}

/** Executions of which an executor without room is given tasks for these places. */
async function takePlaces(free: number, meanwhile = async (): Promise<void> => {}): Promise<(string | undefined)[]> {
  const [version] = await engine.database.query<{ id: string }>(sql`select id from function_version limit 1`);
  const places = free > 0 ? [{ versionId: version?.id ?? '', namespace: 'default', free }] : [];
  const offer = offered(NO_ROOM, places);
  try {
    await meanwhile();
    const tasks = await leases.claim(offer, { ...NOTHING, free: NO_ROOM, places });
    return tasks.map(({ waiter }) => waiter?.executionId);
  } finally {
    leases.withdraw(offer);
  }
}

const start = async () => (await engine.executions.start('default', 'one', { input: {} })).id;

it('an executor that had emptied the queue is given what is made, though something has come into the queue since, and that too', async () => {
  const queued = await start();
  let made = '';
  const given = await take(ROOM, async () => void (made = await start()));
  expect(given).toEqual([made, queued]);
});

it('nothing is given past what found no room in the last look', async () => {
  await start();
  await start();
  expect(isOpen(ROOM)).toBe(true);
  expect(await take({ ...ROOM, slots: 1 })).toHaveLength(1);
  expect(isOpen({ ...ROOM, slots: 1 })).toBe(false);
  expect(await take(ROOM)).toHaveLength(1);
  expect(isOpen(ROOM)).toBe(true);
});

it('nor past what came while the executor had no slot to look for', async () => {
  await start();
  expect(await take({ ...ROOM, slots: 0 })).toEqual([]);
  expect(isOpen({ ...ROOM, slots: 1 })).toBe(false);
});

it('an offer without room for all that is made leaves the rest to the queue, where it comes first', async () => {
  const made: string[] = [];
  const given = await take({ ...ROOM, slots: 1 }, async () => {
    for (let n = 0; n < 2; n++) made.push(await start());
  });
  expect(given).toEqual(made.slice(0, 1));
  expect(isOpen({ ...ROOM, slots: 1 })).toBe(false);
  expect(await take({ ...ROOM, slots: 1 })).toEqual(made.slice(1));
});

it('an executor without room is given what is made for its places, once the queue has nothing for them', async () => {
  const queued = [await start(), await start()];
  let made = '';
  const startOne = async (): Promise<void> => void (made = await start());
  expect(await takePlaces(1, startOne)).toEqual(queued.slice(0, 1));
  expect(await takePlaces(3)).toEqual([queued[1], made]);
  expect(await takePlaces(1)).toEqual([]);
  expect(await takePlaces(1, startOne)).toEqual([made]);
  expect(await take(ROOM)).toEqual([]);
});
