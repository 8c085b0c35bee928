import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { EventBus } from '@app/event-bus';
import { topicEvent } from '@app/events';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { RetentionRepository } from '../retention/retention.repository.js';
import { RetentionService } from '../retention/retention.service.js';
import { readingOf } from '../topics/reading.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { DeadLettersService } from './dead-letters.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { ReplaysService } from './replays.service.js';

const definition = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;

let engine: TestEngine;
let deliveries: DeliveriesService;
let letters: DeadLettersService;
beforeAll(async () => {
  engine = await createEngine();
  deliveries = engine.app.get(DeliveriesService, { strict: false });
  letters = engine.app.get(DeadLettersService, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition });
  // A database that cannot take one input: what a poison message is to us.
  await engine.database.query(sql`create table cure (over boolean)`);
  await engine.database.query(sql`
    create function refuse_poison() returns trigger language plpgsql as $$
    begin
      if new.events::text like '%poison%' and not exists (select from cure) then
        raise exception 'too much for this database';
      end if;
      return new;
    end $$`);
  await engine.database.query(sql`
    create trigger refuse_poison before insert on history for each row execute function refuse_poison()`);
});
afterAll(() => engine?.close());

let made = 0;
let trigger: TopicTrigger;
beforeEach(async () => {
  await engine.database.query(sql`delete from cure`);
  await engine.database.query(sql`delete from delivery`);
  await create({});
});

const create = async (source: object) => {
  trigger = (await engine.triggers.create('default', {
    name: `orders-${++made}`,
    kind: 'topic',
    source: { topic: `orders-${made}`, ...source },
    target: { workflow: 'flow' },
  } as never)) as TopicTrigger;
};
let offset = 0;
const send = (value: string, key?: string) =>
  engine.events.ingestFor(
    trigger,
    topicEvent({
      topic: trigger.source.topic,
      partition: 0,
      offset: String(++offset),
      value: Buffer.from(value),
      ...(key && { key }),
      publishedAt: new Date(),
    }),
  );
/** In the order of their starts. */
const started = async () => {
  const found = await engine.executions.list('default', { workflow: 'flow', limit: 500 });
  const own = found.filter(({ startedBy }) => startedBy?.triggerId === trigger.id).toReversed();
  return own.map(({ input }) => (input as { data: { value: string } }).data.value);
};
const runDue = async () => {
  await engine.database.query(sql`update delivery set due_at = now()`);
  return deliveries.runDue(100);
};
const buried = () => letters.list('default', { limit: 100, trigger: trigger.name });

const bury = async () => {
  await create({ maxAttempts: 1 });
  await send('poison');
  const [letter] = await buried();
  return letter!;
};

describe('a message that cannot be started', () => {
  it('holds up its own key only, and keeps the order of that key', async () => {
    await send('poison', 'a');
    await send('behind', 'a');
    await send('other key', 'b');
    await send('no key');
    expect(await started()).toEqual(['other key', 'no key']);
    await engine.database.query(sql`insert into cure values (true)`);
    await Promise.all([runDue(), runDue()]);
    await runDue();
    expect((await started()).slice(2)).toEqual(['poison', 'behind']);
    expect(await deliveries.nextInMs()).toBeUndefined();
  });

  it('does not take with it what is handled in the same transaction', async () => {
    await engine.database.transaction(async () => {
      await send('first');
      await send('poison');
      await send('last');
    });
    expect(await started()).toEqual(['first', 'last']);
  });

  it('goes to the dead letters with its payload after the attempts that its trigger allows, and lets the others pass', async () => {
    await create({ maxAttempts: 3 });
    await send('poison', 'a');
    await send('behind', 'a');
    await runDue();
    expect(await buried()).toEqual([]);
    await runDue();
    expect(await buried()).toMatchObject([
      {
        kind: 'event',
        error: 'Start.Failed',
        cause: expect.stringContaining('too much for this database'),
        attempts: 3,
        payload: { trigger: trigger.name, event: { data: { value: 'poison' } } },
      },
    ]);
    await runDue();
    expect(await started()).toEqual(['behind']);
  });

  it('goes there when it is too old, however few attempts there were', async () => {
    await create({ maxAgeSeconds: 60 });
    await send('poison');
    await engine.database.query(sql`update delivery set created_at = now() - interval '61 s'`);
    await runDue();
    expect(await buried()).toMatchObject([{ attempts: 2 }]);
  });

  it('is left alone while its trigger is paused, and goes on when it is resumed', async () => {
    await send('poison');
    await engine.triggers.pause('default', trigger.name);
    await engine.database.query(sql`insert into cure values (true)`);
    expect(await runDue()).toBe(0);
    await engine.triggers.resume('default', trigger.name);
    expect(await runDue()).toBe(1);
    expect(await started()).toEqual(['poison']);
  });

  it('starts once, though the bus delivers it again meanwhile', async () => {
    await send('poison');
    offset -= 1;
    await send('poison');
    await engine.database.query(sql`insert into cure values (true)`);
    offset -= 1;
    await send('poison');
    await runDue();
    expect(await started()).toEqual(['poison']);
  });
});

describe('a dead letter', () => {
  it('is redriven to its trigger, and starts nothing a second time', async () => {
    const { id } = await bury();
    await engine.database.query(sql`insert into cure values (true)`);
    const first = await letters.redrive('default', id);
    expect(await started()).toEqual(['poison']);
    expect((await letters.redrive('default', id))?.targetId).toBe(first?.targetId);
    expect(await started()).toEqual(['poison']);
    expect((await letters.get('default', id)).redrivenAt).toBeInstanceOf(Date);
  });

  it('that fails again lies there anew', async () => {
    const { id } = await bury();
    expect(await letters.redrive('default', id)).toBeUndefined();
    expect((await buried()).map(({ redrivenAt }) => redrivenAt === null)).toEqual([true, false]);
  });

  it('is redriven with all those of its trigger that were not', async () => {
    await bury();
    await send('more poison');
    await engine.database.query(sql`insert into cure values (true)`);
    expect(await letters.redriveAll('default', trigger.name, 100)).toBe(2);
    expect(await letters.redriveAll('default', trigger.name, 100)).toBe(0);
    expect(await started()).toEqual(['poison', 'more poison']);
  });

  it("can be thrown away, and is nobody else's", async () => {
    const { id } = await bury();
    await expect(letters.get('spool', id)).rejects.toMatchObject({ code: 'dead_letter_not_found' });
    await expect(letters.delete('spool', id)).rejects.toMatchObject({ code: 'dead_letter_not_found' });
    await letters.delete('default', id);
    await expect(letters.redrive('default', id)).rejects.toMatchObject({ code: 'dead_letter_not_found' });
  });
});

describe('a replayed event', () => {
  it('starts again what it started, at one trigger or at all', async () => {
    const replays = engine.app.get(ReplaysService, { strict: false });
    await send('again');
    const source = `/topics/${trigger.source.topic}`;
    const { id } = await replays.replay('default', source, `0-${offset}`, trigger.name);
    expect(id).toContain(`0-${offset}/replay/`);
    await replays.replay('default', source, `0-${offset}`);
    expect(await started()).toEqual(['again', 'again', 'again']);
    await expect(replays.replay('default', source, 'none')).rejects.toMatchObject({ code: 'event_not_found' });
  });
});

describe('retention', () => {
  it('removes what is old, but no event that still waits to start something', async () => {
    const retention = engine.app.get(RetentionRepository, { strict: false });
    await send('old');
    await send('poison');
    await engine.database.query(
      sql`update event set received_at = now() - interval '40 days' where source like '/topics/%'`,
    );
    expect(await retention.deleteEvents('default', 30, 1_000)).toBeGreaterThan(0);
    const left = await engine.events.list('default', { limit: 500 });
    const own = left.filter(({ source }) => source === `/topics/${trigger.source.topic}`);
    expect(own.map(({ data }) => (data as { value: string }).value)).toEqual(['poison']);
    await engine.database.query(sql`update dead_letter set created_at = now() - interval '91 days'`);
    await retention.deleteDeadLetters('default', 90, 1_000);
    expect(await letters.list('default', { limit: 10 })).toEqual([]);
  });

  it('lets go of messages when the trigger that had to read them is gone', async () => {
    const bus = engine.app.get(EventBus);
    const service = engine.app.get(RetentionService, { strict: false });
    const reading = readingOf(trigger)!;
    const subscription = await bus.subscribe({ ...reading, from: 'latest' }, async () => {});
    await subscription.close();
    await bus.publish(reading.topic, [{ value: Buffer.from('unread') }]);
    const policy = { messageDays: -1, resultDays: 30 };
    const messages = () => engine.database.query(sql`select from bus_message where topic = ${reading.topic}`);
    await service.run(policy);
    expect(await messages()).toHaveLength(1);
    await engine.triggers.delete('default', trigger.name);
    await service.run(policy);
    expect(await messages()).toHaveLength(0);
  });

  it('keeps the place of a trigger that turned to another topic and back', async () => {
    const change = (topic: string) =>
      engine.triggers.update('default', trigger.name, {
        kind: 'topic',
        source: { topic },
        target: { workflow: 'flow' },
      });
    await change('elsewhere');
    await change(trigger.source.topic);
    const forgotten = await engine.app.get(RetentionRepository, { strict: false }).listForgotten();
    expect(forgotten.map(({ topic }) => topic)).toEqual(['elsewhere']);
  });
});
