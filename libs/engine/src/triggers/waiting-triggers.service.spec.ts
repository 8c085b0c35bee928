import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CloudEvent, objectEvent } from '@app/events';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { ExplanationsService } from '../events/explanations.service.js';
import { WaitingTriggersService } from './waiting-triggers.service.js';

const definition = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;
const upload = (key: string, size: number): CloudEvent<unknown> =>
  objectEvent({ eventName: 'ObjectCreated:Put', bucket: 'films', key, size, eventTime: '2026-01-01T00:00:00Z' })!;
const trigger = (name: string, more: object = {}) =>
  ({ name, kind: 'object', source: { bucket: 'films' }, target: { workflow: 'flow' }, ...more }) as never;

let engine: TestEngine;
let waiting: WaitingTriggersService;
beforeAll(async () => {
  engine = await createEngine();
  waiting = engine.app.get(WaitingTriggersService, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition });
});
afterAll(() => engine?.close());

const matching = async (event: CloudEvent<unknown>) =>
  (await waiting.listMatching('default', event)).map(({ name }) => name);

describe('the triggers that wait for an event', () => {
  it('are known from their commit on, as they are changed, and no longer when they are gone', async () => {
    expect(await matching(upload('a.mp4', 5))).toEqual([]);
    await engine.triggers.create('default', trigger('large', { pattern: { data: { size: [{ numeric: ['>', 9] }] } } }));
    expect(await matching(upload('a.mp4', 5))).toEqual([]);
    expect(await matching(upload('a.mp4', 10))).toEqual(['large']);
    await engine.triggers.update('default', 'large', trigger('large', { enabled: false }));
    expect(await matching(upload('a.mp4', 10))).toEqual([]);
    await engine.triggers.update('default', 'large', trigger('large'));
    expect(await matching(upload('a.mp4', 5))).toEqual(['large']);
    await engine.triggers.delete('default', 'large');
    expect(await matching(upload('a.mp4', 5))).toEqual([]);
  });

  it('are not those of a transaction that was taken back', async () => {
    const cut = engine.database.transaction(async () => {
      await engine.triggers.create('default', trigger('never'));
      expect(await matching(upload('a.mp4', 5))).toEqual(['never']);
      throw new Error('the process dies here');
    });
    await expect(cut).rejects.toThrow('dies');
    expect(await matching(upload('a.mp4', 5))).toEqual([]);
    await engine.triggers.create('default', trigger('other', { source: { bucket: 'books' } }));
    expect(await matching(upload('a.mp4', 5))).toEqual([]);
  });
});

describe('a trigger with a pattern that is none', () => {
  it('is refused with a pointer to each rule', async () => {
    const pattern = { data: { size: [{ numeric: ['>', 'x'] }], key: [] } };
    await expect(engine.triggers.create('default', trigger('bad', { pattern }))).rejects.toMatchObject({
      issues: [{ pointer: '/pattern/data/size/0' }, { pointer: '/pattern/data/key' }],
    });
  });
});

describe('an explanation', () => {
  it('names the rule that kept an event out, and what an event that came has started', async () => {
    const explanations = engine.app.get(ExplanationsService, { strict: false });
    const pattern = { data: { size: [{ numeric: ['>', 9] }] } };
    await engine.triggers.create('default', trigger('explained', { pattern }));
    const [small, large] = [upload('small', 1), upload('large', 10)];
    const { matched, rules } = await explanations.explain('default', 'explained', small);
    expect(matched).toBe(false);
    expect(rules.filter((rule) => !rule.matched)).toMatchObject([{ pointer: '/pattern/data/size', actual: [1] }]);
    const { started } = await engine.events.ingest('default', large);
    expect(await explanations.explainStored('default', 'explained', large.source, large.id)).toMatchObject({
      matched: true,
      started: { targetId: started[0]?.targetId },
    });
    await expect(explanations.explainStored('default', 'explained', large.source, 'none')).rejects.toMatchObject({
      code: 'event_not_found',
    });
  });
});
