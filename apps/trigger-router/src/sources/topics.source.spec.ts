import { afterAll, beforeAll, it } from '@jest/globals';
import { Wakeups } from '@app/common';
import { TopicIntakeService, TopicPlacesService, TopicWorkService } from '@app/engine';
import { EventBus, type HandleMessages, type NewSubscription } from '@app/event-bus';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { eventually } from '../../../../test/support/standalone.js';
import { TopicReaders } from './topic-readers.js';
import { TopicsSource } from './topics.source.js';

let engine: TestEngine;
let source: TopicsSource;
beforeAll(async () => {
  engine = await createEngine();
  await engine.workflows.deploy('default', {
    name: 'flow',
    definition: { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never,
  });
});
afterAll(async () => {
  await source?.onModuleDestroy();
  await engine?.close();
});

it('a topic that may not be read keeps no trigger from reading another', async () => {
  const bus = engine.app.get(EventBus);
  const part: EventBus = Object.assign(Object.create(bus) as EventBus, {
    async subscribe(subscription: NewSubscription, handle: HandleMessages) {
      if (subscription.topic === 'locked') throw new Error('the broker does not let us');
      return bus.subscribe(subscription, handle);
    },
  });
  for (const [name, topic] of [
    ['a', 'locked'],
    ['b', 'open'],
    ['c', 'locked'],
  ])
    await engine.triggers.create('default', {
      name,
      kind: 'topic',
      source: { topic },
      target: { workflow: 'flow' },
    } as never);
  const get = <Service>(service: new (...args: never[]) => Service) => engine.app.get(service, { strict: false });
  const readers = new TopicReaders(
    engine.triggers,
    get(TopicPlacesService),
    get(TopicIntakeService),
    get(TopicWorkService),
  );
  source = new TopicsSource(part, readers, engine.app.get(Wakeups, { strict: false }));
  source.onApplicationBootstrap();
  await eventually(async () => {
    await bus.publish('open', [{ value: Buffer.from('{}') }]);
    return (await engine.executions.list('default', { workflow: 'flow', limit: 1 })).length > 0;
  });
});
