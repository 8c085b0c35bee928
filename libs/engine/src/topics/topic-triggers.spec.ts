import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Message } from '@app/event-bus';
import type { Task } from '@app/queue';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { type TopicConsumer, topicConsumer, valuesOf } from '../../../../test/support/topic-consumer.js';
import { DeadLettersService } from '../events/dead-letters.service.js';
import { TriggerLetGo } from './topics.errors.js';

let engine: TestEngine;
let consumer: TopicConsumer;
let letters: DeadLettersService;
beforeAll(async () => {
  engine = await createEngine();
  consumer = await topicConsumer(engine);
  letters = engine.app.get(DeadLettersService, { strict: false });
  const States = { S: { Type: 'Succeed' } };
  await engine.workflows.deploy('default', { name: 'flow', definition: { StartAt: 'S', States } as never });
});
afterAll(() => engine?.close());
beforeEach(() => consumer.forgetAll());

const create = (source: object, rest: object = {}) => consumer.create(source, rest);
const message = (value: string, key?: string) => consumer.message(value, key);
const take = (...messages: Message[]) => consumer.take(...messages);
const run = () => consumer.run();
const calls = () => consumer.calls();
const buried = () => consumer.buried();
const succeed = async (task: Task, output: unknown = null) => {
  await engine.answer(task, output);
  await run();
};
const idOf = ({ partition, offset: at }: Message) => `${partition}-${at}`;
const failure = { error: 'Bad', cause: 'not this' };

describe('a topic trigger with batches', () => {
  it('starts its target once with a list of messages, their keys, headers and ids', async () => {
    await create({ batch: { size: 10 } });
    const [first, second] = [message('{"n":1}', 'a'), message('text', 'b')];
    await take(first, second);
    await run();
    const [call, ...others] = await calls();
    expect(others).toEqual([]);
    expect(call?.payload).toMatchObject({
      type: 'spool.topic.batch',
      source: `/topics/${consumer.trigger.source.topic}`,
      data: {
        topic: consumer.trigger.source.topic,
        messages: [
          { id: idOf(first), key: 'a', value: { n: 1 }, partition: 0, headers: {} },
          { id: idOf(second), key: 'b', value: 'text' },
        ],
      },
    });
    const events = await engine.events.list('default', { limit: 10 });
    const starts = events.filter(({ id }) => [idOf(first), idOf(second)].includes(id)).map(({ started }) => started);
    expect(starts).toEqual([
      [expect.objectContaining({ targetId: call?.id })],
      [expect.objectContaining({ targetId: call?.id })],
    ]);
  });

  it('waits for a batch to fill until its window is over, and starts a full one at once', async () => {
    await create({ batch: { size: 2, windowSeconds: 60 } });
    await take(message('1'), message('2'), message('3'));
    await run();
    expect((await calls()).map(valuesOf)).toEqual([[1, 2]]);
    expect(await consumer.work.nextInMs()).toBeGreaterThan(30_000);
    await engine.database.query(sql`update topic_message set created_at = created_at - interval '61 s'`);
    await run();
    expect((await calls()).map(valuesOf)).toEqual([[3]]);
  });

  it('starts a batch that is full by its bytes', async () => {
    await create({ batch: { size: 100, windowSeconds: 60, maxBytes: 1_000 } });
    await take(message('x'.repeat(600)), message('y'.repeat(600)), message('z'));
    await run();
    expect((await calls()).map((call) => valuesOf(call).map((value) => String(value)[0]))).toEqual([['x']]);
  });

  it('gives AWS Lambda functions the event that they know', async () => {
    await create({ batch: { shape: 'lambda' } });
    const given = { ...message('{ "n": 1 }', 'k'), headers: { h: 'A' } };
    await take(given);
    await run();
    const [call] = await calls();
    const place = `${consumer.trigger.source.topic}-0`;
    const record = { partition: 0, offset: Number(given.offset), timestampType: 'CREATE_TIME', headers: [{ h: [65] }] };
    const bytes = { key: Buffer.from('k').toString('base64'), value: Buffer.from('{ "n": 1 }').toString('base64') };
    expect(call?.payload).toMatchObject({
      eventSource: 'SelfManagedKafka',
      records: { [place]: [{ ...record, ...bytes }] },
    });
  });

  it('takes a message once, however often it is delivered, also after it is done', async () => {
    await create({ batch: { size: 10 } });
    const one = message('1');
    await Promise.all([take(one), take(one)]);
    await run();
    const [call] = await calls();
    await take(one);
    await succeed(call!);
    await take(one);
    await run();
    expect(await calls()).toEqual([]);
  });

  it('starts a workflow with a batch, and is done with it when the execution has ended', async () => {
    await create({ batch: { size: 10 } }, { target: { workflow: 'flow' } });
    await take(message('1'), message('2'));
    await run();
    const [execution] = await engine.executions.list('default', { workflow: 'flow', limit: 1 });
    expect(valuesOf({ payload: execution?.input })).toEqual([1, 2]);
    expect(await engine.database.query(sql`select from topic_message`)).toEqual([]);
    expect(await engine.database.query(sql`select from topic_batch`)).toEqual([]);
  });

  it('runs no more batches at a time than it may', async () => {
    await create({ batch: { size: 1 }, parallel: 2 });
    await take(message('1'), message('2'), message('3'));
    await run();
    const running = await calls();
    expect(running.map(valuesOf)).toEqual([[1], [2]]);
    await succeed(running[0]!);
    expect((await calls()).map(valuesOf)).toEqual([[3]]);
  });
});

describe('of the messages of a batch', () => {
  it('those that the target names as failed come again, and the others do not', async () => {
    await create({ batch: { size: 10 } });
    const [good, bad] = [message('good', 'a'), message('bad', 'b')];
    await take(good, bad, message('behind', 'c'));
    await run();
    const [call] = await calls();
    await succeed(call!, { batchItemFailures: [{ itemIdentifier: idOf(bad) }] });
    expect((await calls()).map(valuesOf)).toEqual([['bad']]);
  });

  it('those that an execution names in a very large output come again', async () => {
    const States = { S: { Type: 'Task', Resource: 'function:consume', End: true } };
    await engine.workflows.deploy('default', { name: 'wordy', definition: { StartAt: 'S', States } as never });
    await create({ batch: { size: 10 } }, { target: { workflow: 'wordy' } });
    const messages = [message('1'), message('2')];
    await take(...messages);
    await run();
    const batchItemFailures = [{ itemIdentifier: idOf(messages[1]!) }];
    await engine.answer((await calls())[0]!, { batchItemFailures, padding: 'x'.repeat(300_000) });
    await consumer.work.runDue(100);
    const waiting = await engine.database.query(sql`select event_id, attempts from topic_message`);
    expect(waiting).toEqual([{ event_id: idOf(messages[1]!), attempts: 1 }]);
  });

  it('all come again if the target names one that it did not get', async () => {
    await create({ batch: { size: 10 } });
    await take(message('1'), message('2'));
    await run();
    const [call] = await calls();
    await succeed(call!, { batchItemFailures: [{ itemIdentifier: 'what' }] });
    expect((await calls()).map(valuesOf)).toEqual([[1, 2]]);
  });

  it('one that fails for ever is found by dividing, and goes to the dead letters alone with its payload', async () => {
    await create({ batch: { size: 8 }, bisect: true, maxAttempts: 1 });
    await take(...['1', '2', '3', 'poison', '5', '6', '7', '8'].map((value) => message(value)));
    await run();
    const done: unknown[] = [];
    for (let rounds = 0; rounds < 20; rounds += 1) {
      const open = await calls();
      if (open.length === 0) break;
      for (const call of open) {
        const values = valuesOf(call);
        if (values.includes('poison')) await engine.fail(call, failure);
        else await engine.answer(call, null).then(() => done.push(...values));
      }
      await run();
    }
    expect(done.toSorted()).toEqual([1, 2, 3, 5, 6, 7, 8]);
    expect(await buried()).toMatchObject([
      { error: 'Bad', cause: 'not this', attempts: 1, payload: { event: { data: { value: 'poison' } } } },
    ]);
  });

  it('all are tried together again, if they are not to be divided, until none is left', async () => {
    await create({ batch: { size: 2 }, maxAttempts: 2 });
    await take(message('1'), message('2'));
    await run();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const [call] = await calls();
      expect(valuesOf(call!)).toEqual([1, 2]);
      await engine.fail(call!, failure);
      await run();
    }
    expect(await calls()).toEqual([]);
    expect(await buried()).toMatchObject([{ attempts: 2 }, { attempts: 2 }]);
  });

  it('one that is too old is not tried again', async () => {
    await create({ batch: { size: 2 }, maxAgeSeconds: 60 });
    await take(message('1'));
    await run();
    await engine.database.query(sql`update topic_message set created_at = created_at - interval '61 s'`);
    const [call] = await calls();
    await engine.fail(call!, failure);
    await run();
    expect(await buried()).toHaveLength(1);
  });

  it('one whose input cannot be made is found, though they fail together', async () => {
    const input = { 'all.$': 'States.MathAdd($.data.messages[0].value, 1)' };
    await create({ batch: { size: 4 } }, { input });
    await take(message('1'), message('"no number"'));
    await run();
    expect((await calls()).map(({ payload }) => payload)).toEqual([{ all: 2 }]);
    await take(message('"no number"'));
    await run();
    expect(await buried()).toHaveLength(1);
  });
});

describe('a topic trigger that waits for the end', () => {
  it('starts the messages of one key one after the other, and those of others meanwhile', async () => {
    await create({ until: 'ended' });
    await take(message('a1', 'a'), message('a2', 'a'), message('b1', 'b'), message('no key'), message('none'));
    await run();
    const open = await calls();
    const values = (all: typeof open) => all.map(({ payload }) => (payload as { data: { value: string } }).data.value);
    expect(values(open)).toEqual(['a1', 'b1', 'no key', 'none']);
    await engine.fail(open[0]!, failure);
    await consumer.work.runDue(100);
    expect(await calls()).toEqual([]);
    await run();
    const again = await calls();
    expect(values(again)).toEqual(['a1']);
    await succeed(again[0]!);
    expect(values(await calls())).toEqual(['a2']);
  });

  it('starts the messages of a partition one after the other, if it is told to', async () => {
    await create({ until: 'ended', order: 'partition' });
    await take(message('1', 'a'), message('2', 'b'), { ...message('3', 'c'), partition: 1 });
    await run();
    expect(await calls()).toHaveLength(2);
  });

  it('takes no more while many wait, and starts nothing while it rests', async () => {
    await create({ until: 'ended' });
    expect(await consumer.work.isReady(consumer.trigger)).toBe(true);
    await take(message('1', 'a'));
    await engine.triggers.pause('default', consumer.trigger.name);
    await expect(take(message('2', 'b'))).rejects.toThrow(TriggerLetGo);
    await run();
    expect(await calls()).toEqual([]);
    await engine.database.query(sql`
      insert into topic_message (trigger_id, namespace, source, event_id, bytes)
      select ${consumer.trigger.id}, 'default', 's', n::text, 1 from generate_series(1, 5000) n`);
    expect(await consumer.work.isReady(consumer.trigger)).toBe(false);
    await engine.database.query(sql`delete from topic_message where source = 's'`);
    await engine.triggers.resume('default', consumer.trigger.name);
    await run();
    expect(await calls()).toHaveLength(1);
  });

  it('lets a dead letter wait for its turn when it is redriven', async () => {
    await create({ until: 'ended', maxAttempts: 1 });
    await take(message('1', 'a'));
    await run();
    const [call] = await calls();
    await engine.fail(call!, failure);
    await run();
    const [letter] = await buried();
    await take(message('2', 'a'));
    await letters.redrive('default', letter!.id);
    await run();
    expect(await calls()).toHaveLength(1);
  });
});
