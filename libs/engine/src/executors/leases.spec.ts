import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from '@app/common';
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

const offered = (free: typeof ROOM) =>
  leases.offer(
    executor,
    { labels: ['cpu'], has: { warm: new Set(), cached: new Set(), inputs: new Set() }, reserved: null },
    free,
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
