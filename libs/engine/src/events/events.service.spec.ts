import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CloudEvent, objectEvent, topicEvent } from '@app/events';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { DeadLettersService } from './dead-letters.service.js';

let engine: TestEngine;
const done = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;
beforeAll(async () => {
  engine = await createEngine();
  await engine.workflows.deploy('default', { name: 'flow', definition: done });
  await engine.triggers.create('default', {
    name: 'videos',
    kind: 'object',
    source: { bucket: 'videos-in', suffix: '.mp4' },
    target: { workflow: 'flow' },
  });
});
afterAll(() => engine.close());

let sequencer = 0;
let event: CloudEvent<unknown>;
beforeEach(() => {
  const facts = {
    eventName: 'ObjectCreated:Put',
    bucket: 'videos-in',
    key: 'a.mp4',
    etag: 'abc',
    eventTime: '2026-01-01T00:00:00Z',
  };
  event = objectEvent({ ...facts, sequencer: String(++sequencer) })!;
});
const started = async (workflow = 'flow') => (await engine.executions.list('default', { workflow, limit: 100 })).length;

describe('an event', () => {
  it('starts what waits for it, with itself as the input', async () => {
    const { started: starts } = await engine.events.ingest('default', event);
    expect(starts).toMatchObject([{ trigger: 'videos', targetKind: 'workflow' }]);
    const execution = await engine.executions.get('default', starts[0]!.targetId);
    expect(execution.input).toMatchObject({
      type: 'spool.object.created',
      data: { bucket: 'videos-in', key: 'a.mp4' },
    });
    expect(execution.startedBy).toMatchObject({ eventSource: event.source, eventId: event.id });
  });

  it('names what it starts, if its trigger says how; a name that is taken by another input goes to the dead letters', async () => {
    await engine.workflows.deploy('default', { name: 'named', definition: done });
    const named = {
      name: 'named',
      kind: 'object',
      source: { bucket: 'named' },
      target: { workflow: 'named' },
      queryLanguage: 'JSONata',
      input: { size: '{% $event.data.size %}' },
      executionName: "{% 'film ' & $event.data.key %}",
    } as const;
    await engine.triggers.create('default', named);
    const upload = (size: number) => {
      const facts = { eventName: 'ObjectCreated:Put', bucket: 'named', key: 'a/b.mp4', eventTime: new Date(size) };
      return engine.events.ingest('default', objectEvent({ ...facts, size })!);
    };
    for (const size of [1, 2]) await upload(size);
    const found = await engine.executions.list('default', { workflow: 'named', limit: 10 });
    expect(found).toMatchObject([{ name: 'film-a-b.mp4', input: { size: 1 } }]);
    const letters = engine.app.get(DeadLettersService, { strict: false });
    expect(await letters.list('default', { trigger: 'named', limit: 10 })).toMatchObject([
      { error: 'execution_already_exists' },
    ]);
  });

  it('starts nothing a second time, however many routers take it in at once', async () => {
    const before = await started();
    const taken = await Promise.all(Array.from({ length: 6 }, () => engine.events.ingest('default', event)));
    expect(taken.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await started()).toBe(before + 1);
  });

  it('is not stored if what it starts could not be', async () => {
    const before = await started();
    const cut = engine.database.transaction(async () => {
      await engine.events.ingest('default', event);
      throw new Error('the router dies here');
    });
    await expect(cut).rejects.toThrow('dies');
    expect(await started()).toBe(before);
    expect((await engine.events.ingest('default', event)).duplicate).toBe(false);
    expect(await started()).toBe(before + 1);
  });

  it('starts nothing for a key that does not match', async () => {
    const other = { ...event, id: `${event.id}-txt`, subject: 'a.txt' };
    expect((await engine.events.ingest('default', other)).started).toEqual([]);
  });

  it('goes to the dead letters of a trigger that cannot use it, and to the others all the same', async () => {
    await engine.triggers.create('default', {
      name: 'picky',
      kind: 'object',
      source: { bucket: 'videos-in' },
      target: { workflow: 'flow' },
      input: { 'x.$': '$.data.nothing' },
    });
    const { started: starts } = await engine.events.ingest('default', event);
    expect(starts.map(({ trigger }) => trigger)).toEqual(['videos']);
    const [letter] = await engine.app.get(DeadLettersService, { strict: false }).list('default', { limit: 10 });
    expect(letter).toMatchObject({
      kind: 'event',
      error: 'States.Runtime',
      payload: { trigger: 'picky', event: { id: event.id } },
    });
    await engine.triggers.delete('default', 'picky');
  });

  it('reaches only the namespaces that wait for it', async () => {
    await engine.events.ingestWhereAwaited({ ...event, source: '/objects/nobody-listens' });
    expect((await engine.events.list('default', { limit: 100 })).map(({ source }) => source)).not.toContain(
      '/objects/nobody-listens',
    );
  });
});

describe('a message', () => {
  it('starts each trigger of its topic once, at the pace of each', async () => {
    await engine.workflows.deploy('default', { name: 'by-topic', definition: done });
    const source = { topic: 'orders' };
    const target = { workflow: 'by-topic' };
    const first = await engine.triggers.create('default', { name: 'first', kind: 'topic', source, target });
    const second = await engine.triggers.create('default', { name: 'second', kind: 'topic', source, target });
    const message = topicEvent({
      topic: 'orders',
      partition: 0,
      offset: '7',
      value: Buffer.from('{"n":1}'),
      publishedAt: new Date(),
    });
    for (const trigger of [first, first, second, second]) await engine.events.ingestFor(trigger, message);
    expect(await started('by-topic')).toBe(2);
  });
});

describe('a schedule', () => {
  it('starts once for each tick, whichever router comes first, and plans the next', async () => {
    await engine.workflows.deploy('default', { name: 'hourly', definition: done });
    await engine.triggers.create('default', {
      name: 'clock',
      kind: 'schedule',
      source: { cron: '0 * * * *' },
      target: { workflow: 'hourly' },
    });
    expect(await engine.schedules.fireDue(10)).toBe(0);
    await engine.passSeconds(3_600);
    await Promise.all([engine.schedules.fireDue(10), engine.schedules.fireDue(10), engine.schedules.fireDue(10)]);
    expect(await started('hourly')).toBe(1);
    expect(await engine.schedules.nextInMs()).toBeGreaterThan(0);
  });
});
