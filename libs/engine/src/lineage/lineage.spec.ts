import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventBus } from '@app/event-bus';
import { topicEvent } from '@app/events';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { DeadLettersService } from '../events/dead-letters.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { PublishTasksService } from '../topics/publish-tasks.service.js';
import { LineageRepository } from './lineage.repository.js';

const publishing = { StartAt: 'P', States: { P: { Type: 'Task', Resource: 'topic:echo', End: true } } } as never;
const done = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;

let engine: TestEngine;
let letters: DeadLettersService;
beforeAll(async () => {
  engine = await createEngine();
  letters = engine.app.get(DeadLettersService, { strict: false });
  await engine.workflows.deploy('default', { name: 'echo', definition: publishing });
  await engine.workflows.deploy('default', { name: 'flow', definition: done });
});
afterAll(() => engine?.close());

describe('a trigger that feeds itself', () => {
  it('is stopped after 16 events, with an error that shows the loop', async () => {
    const target = { workflow: 'echo' };
    const trigger = await engine.triggers.create('default', {
      name: 'echo',
      kind: 'topic',
      source: { topic: 'echo' },
      target,
    });
    const bus = engine.app.get(EventBus);
    const publish = engine.app.get(PublishTasksService, { strict: false });
    let read = 0;
    const subscription = await bus.subscribe({ topic: 'echo', group: 'test', from: 'earliest' }, async (messages) => {
      for (const message of messages) {
        read += 1;
        await engine.events.ingestFor(trigger, topicEvent(message));
      }
    });
    await bus.publish('echo', [{ value: Buffer.from('first') }]);
    const stopped = async () => (await letters.list('default', { limit: 10, trigger: 'echo' })).length > 0;
    while (!(await stopped())) await publish.publishDue(10);
    await subscription.close();
    expect(read).toBe(17);
    const [letter] = await letters.list('default', { limit: 10, trigger: 'echo' });
    expect(letter).toMatchObject({ error: 'Loop.Detected', cause: expect.stringContaining('last of 16 events') });
    expect(letter?.cause.match(/workflow echo/g)).toHaveLength(16);
  });

  it('is known by the objects that it writes, whether they are told of or listed', async () => {
    const target = { workflow: 'flow' };
    await engine.triggers.create('default', { name: 'objects', kind: 'object', source: { bucket: 'loop' }, target });
    const lineage = engine.app.get(LineageRepository, { strict: false });
    const ledger = engine.app.get(LedgerService, { strict: false });
    await lineage.saveOrigin({ bucket: 'loop', key: 'told' }, { hops: 16, path: 'workflow flow' });
    await lineage.saveOrigin({ bucket: 'loop', key: 'listed' }, { hops: 16, path: 'workflow flow' });
    const eventTime = new Date().toISOString();
    await ledger.notified('default', { eventName: 'ObjectCreated:Put', bucket: 'loop', key: 'told', eventTime });
    await ledger.heal('default', 'loop', { key: 'listed', size: 1, etag: 'e', lastModified: new Date() });
    const found = await letters.list('default', { limit: 10, trigger: 'objects' });
    expect(found.map(({ error }) => error)).toEqual(['Loop.Detected', 'Loop.Detected']);
    await ledger.notified('default', { eventName: 'ObjectCreated:Put', bucket: 'loop', key: 'theirs', eventTime });
    expect(await engine.executions.list('default', { workflow: 'flow', limit: 10 })).toHaveLength(1);
  });
});
