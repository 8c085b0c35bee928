import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { describeEventBus, freshTopic, Gate, Reader, text, until } from './event-bus.contract.js';
import { EventBusRepository } from './event-bus.repository.js';
import { PostgresEventBus } from './postgres.event-bus.js';

/** Longer than any test: what these tests see must come by hints or by order, never by a lucky poll. */
const NEVER_MS = 600_000;

const busOf = ({ database, wakeups }: TestDatabase, pollMs = NEVER_MS) =>
  new PostgresEventBus(database, wakeups, { pollMs });

describeEventBus('the Postgres event bus', async () => {
  const test = await createTestDatabase();
  const [bus, other] = [busOf(test), busOf(test)];
  return {
    bus,
    other,
    async stop() {
      await Promise.all([bus.beforeApplicationShutdown(), other.beforeApplicationShutdown()]);
      await test.drop();
    },
  };
});

describe('the Postgres event bus and transactions', () => {
  let test: TestDatabase;
  let bus: PostgresEventBus;
  beforeAll(async () => {
    test = await createTestDatabase();
    bus = busOf(test);
    await test.database.query(sql`create table handled (value text primary key)`);
  });
  afterAll(async () => {
    await bus.beforeApplicationShutdown();
    await test.drop();
  });

  const write = (value: string) => test.database.query(sql`insert into handled (value) values (${value})`);
  const written = async () =>
    (await test.database.query<{ value: string }>(sql`select value from handled order by value`)).map(
      ({ value }) => value,
    );
  const blocked = async () =>
    (
      await test.database.query(
        sql`select 1 from pg_locks where not granted and locktype in ('transactionid', 'tuple')`,
      )
    ).length;

  it('publishes nothing when the transaction around it is rolled back, and leaves no gap', async () => {
    const topic = freshTopic();
    const rolledBack = test.database.transaction(async () => {
      await bus.publish(topic, [text('never')]);
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    expect(await bus.publish(topic, [text('first')])).toEqual([{ partition: 0, offset: '0' }]);
  });

  it('does not skip a publisher that commits late', async () => {
    const topic = freshTopic();
    const reader = await Reader.open(bus, { topic });
    const gate = new Gate();
    let published = false;
    const late = test.database.transaction(async () => {
      await bus.publish(topic, [text('late')]);
      published = true;
      await gate.opened;
    });
    await until(() => published);
    // The second publisher must wait for the first: were it to pass, its message would be read first.
    const quick = bus.publish(topic, [text('quick')]);
    while ((await blocked()) === 0) expect(reader.values).toEqual([]);
    gate.open();
    await Promise.all([late, quick]);
    expect(await reader.received(2)).toEqual(['late', 'quick']);
    await reader.close();
  });

  it('undoes what a rejected batch wrote, and keeps what a handled one wrote', async () => {
    const topic = freshTopic();
    let rejections = 0;
    const reader = await Reader.open(bus, { topic }, async ([message]) => {
      await test.database.transaction(() => write(`${topic} ${message?.value.toString()}`));
      if (rejections++ < 1) throw new Error('after writing');
    });
    await bus.publish(topic, [text('1')]);
    await reader.received(1);
    await reader.close();
    expect(await written()).toContain(`${topic} 1`);
  });

  it('hands a batch out again, and keeps nothing of it, when the process dies between handling and commit', async () => {
    const topic = freshTopic();
    let deaths = 0;
    const reader = await Reader.open(bus, { topic }, async () => {
      await write(`${topic} handled`);
      // Cuts the connection that the transaction is on, as the death of the process would.
      if (deaths++ === 0) await test.database.query(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => {});
    });
    await bus.publish(topic, [text('1')]);
    await until(() => deaths === 2);
    expect(await reader.received(1)).toContain('1');
    await reader.close();
    expect((await written()).filter((value) => value.startsWith(topic))).toEqual([`${topic} handled`]);
  });

  it('gives the messages of a group to one member at a time, and none twice', async () => {
    const topic = freshTopic();
    const [one, two] = [busOf(test), busOf(test)];
    const gate = new Gate();
    const inHand: string[] = [];
    const open = (by: PostgresEventBus, name: string) =>
      Reader.open(by, { topic }, async () => {
        inHand.push(name);
        await gate.opened;
      });
    const readers = [await open(one, 'one'), await open(two, 'two')];
    await bus.publish(topic, [text('1')]);
    await until(() => inHand.length === 1);
    // Whoever did not get it looks again, on this hint, and must pass by without waiting for the lock.
    await bus.publish(topic, [text('2')]);
    const [idle] = readers.filter((_, index) => inHand[0] !== ['one', 'two'][index]);
    await idle?.close();
    expect(inHand).toHaveLength(1);
    gate.open();
    const busy = readers.find((reader) => reader !== idle);
    expect(await busy?.received(2)).toEqual(['1', '2']);
    await busy?.close();
  });

  it('finds messages without a hint', async () => {
    const topic = freshTopic();
    const patient = busOf(test, 20);
    const reader = await Reader.open(patient, { topic });
    const { database, wakeups } = test;
    const silent = new PostgresEventBus(database, Object.create(wakeups, { wake: { value: () => {} } }));
    await silent.publish(topic, [text('1')]);
    expect(await reader.received(1)).toEqual(['1']);
    await reader.close();
  });

  it('does not sleep through a message that was published while it looked for one', async () => {
    const topic = freshTopic();
    const { database, wakeups } = test;
    let [looked, hints] = [false, 0];
    const forgetHints = wakeups.on(`bus:${topic}`, () => {
      hints += 1;
    });
    // Between the look that finds nothing and the sleep, a message comes with its hint.
    const transaction = async <T>(work: () => Promise<T>): Promise<T> => {
      const result = await database.transaction(work);
      if (!looked) await bus.publish(topic, [text('1')]);
      looked = true;
      await until(() => hints === 1);
      return result;
    };
    const late = new PostgresEventBus(Object.create(database, { transaction: { value: transaction } }), wakeups, {
      pollMs: NEVER_MS,
    });
    const reader = await Reader.open(late, { topic });
    expect(await reader.received(1)).toEqual(['1']);
    await reader.close();
    forgetHints();
  });

  it('gives a place to nobody until the back-off of a rejected batch is over', async () => {
    const reading = { topic: freshTopic(), group: 'group' };
    const repository = new EventBusRepository(test.database);
    await repository.insertConsumer({ ...reading, from: 'latest' });
    expect(await repository.lockConsumer(reading)).toBe('0');
    await repository.delayConsumer(reading, 60_000);
    expect(await repository.lockConsumer(reading)).toBeUndefined();
    await repository.moveConsumer(reading, '6');
    expect(await repository.lockConsumer(reading)).toBe('7');
  });

  it('trims what is old, but never what a group has still to read', async () => {
    const topic = freshTopic();
    await bus.publish(topic, [text('1'), text('2')]);
    const reader = await Reader.open(bus, { topic });
    await reader.received(2);
    await reader.close();
    await bus.publish(topic, [text('3')]);
    await test.database.query(sql`
      update bus_message set published_at = now() - interval '1 hour' where topic = ${topic} and message_offset < 2`);
    const [hoursAgo, minutesAgo, later] = [-2, -0.5, 2].map((hours) => new Date(Date.now() + hours * 3_600_000));
    expect(await bus.trim(topic, hoursAgo as Date)).toBe(0);
    expect(await bus.trim(topic, minutesAgo as Date)).toBe(2);
    expect(await bus.trim(topic, later as Date)).toBe(0);
    const rest = await Reader.open(bus, { topic, group: 'another' });
    expect(await rest.received(1)).toEqual(['3']);
    await rest.close();
  });

  it('does not work within the transaction that a subscription was made in', async () => {
    const topic = freshTopic();
    const reader = await test.database.transaction(() => Reader.open(bus, { topic }));
    await bus.publish(topic, [text('1')]);
    expect(await reader.received(1)).toEqual(['1']);
    await reader.close();
  });
});
