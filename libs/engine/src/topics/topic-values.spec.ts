import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Message } from '@app/event-bus';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { messagesOf, type TopicConsumer, topicConsumer, valuesOf } from '../../../../test/support/topic-consumer.js';
import { RetentionRepository } from '../retention/retention.repository.js';

let engine: TestEngine;
let consumer: TopicConsumer;
beforeAll(async () => {
  engine = await createEngine();
  consumer = await topicConsumer(engine);
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

describe('what a message is', () => {
  it('is said by the trigger: JSON or a dead letter, text, or bytes', async () => {
    await create({ value: 'json', batch: {} });
    const bad = message('{no json');
    await take(message('{"n":1}'), bad);
    await take(bad);
    await run();
    expect((await calls()).map(valuesOf)).toEqual([[{ n: 1 }]]);
    expect(await buried()).toMatchObject([
      { error: 'Message.NotJson', payload: { event: { data: { value: '{no json' } } } },
    ]);
    await create({ value: 'text', batch: {} });
    await take(message('{"n": 1}'));
    await run();
    expect((await calls()).map(valuesOf)).toEqual([['{"n": 1}']]);
    await create({ value: 'binary', batch: {} });
    await take(message('abc'));
    await run();
    const [call] = await calls();
    expect(messagesOf(call)).toMatchObject([{ value: null, valueBase64: 'YWJj' }]);
  });

  it('is a tombstone if it has no value, which no format takes for a text', async () => {
    for (const value of ['auto', 'json', 'text', 'binary']) {
      await create({ value, batch: {} });
      await take({ ...message('', 'k'), isTombstone: true });
      await run();
      const [call] = await calls();
      expect(messagesOf(call)).toMatchObject([{ key: 'k', value: null, isTombstone: true }]);
    }
  });

  it('keeps a key that is no text in base64', async () => {
    await create({ batch: {} });
    await take({ ...message('1'), key: '/wA=', isKeyBinary: true });
    await run();
    const [call] = await calls();
    expect(messagesOf(call)).toMatchObject([{ key: '/wA=', keyIsBase64: true }]);
  });
});

describe('a topic trigger without batches', () => {
  it('starts many messages together, and finds the one that cannot start among them', async () => {
    await create({}, { target: { workflow: 'flow' }, input: { 'n.$': 'States.MathAdd($.data.value, 1)' } });
    const before = (await engine.executions.list('default', { workflow: 'flow', limit: 500 })).length;
    await take(message('1'), message('2'));
    await take(message('3'), message('"no number"'), message('5'));
    const executions = await engine.executions.list('default', { workflow: 'flow', limit: 500 });
    expect(
      executions
        .slice(0, executions.length - before)
        .map(({ input }) => input)
        .toReversed(),
    ).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }, { n: 6 }]);
    expect(await buried()).toHaveLength(1);
  });
});

describe('a message that waits', () => {
  it('keeps its event, however old that is, until it is done', async () => {
    await create({ batch: {} });
    const one = message('waits');
    await take(one);
    await engine.triggers.pause('default', consumer.trigger.name);
    await engine.database.query(sql`update event set received_at = now() - interval '100 days'`);
    const retention = engine.app.get(RetentionRepository, { strict: false });
    const exists = async () => {
      await retention.deleteEvents('default', 30, 1_000);
      const source = `/topics/${one.topic}`;
      return (await engine.database.query(sql`select from event where source = ${source}`)).length > 0;
    };
    expect(await exists()).toBe(true);
    await engine.triggers.resume('default', consumer.trigger.name);
    await run();
    await engine.answer((await calls())[0]!, null);
    await run();
    await engine.database.query(sql`update event set received_at = now() - interval '100 days'`);
    expect(await exists()).toBe(false);
  });
});
