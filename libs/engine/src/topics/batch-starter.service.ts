import { Wakeups } from '@app/common';
import {
  batchMessages,
  type CloudEvent,
  cloudEvent,
  lambdaKafkaEvent,
  lineageOf,
  TOPIC_BATCH,
  withLineage,
} from '@app/events';
import { Injectable } from '@nestjs/common';
import { DeliveryRepository } from '../events/delivery.repository.js';
import { startFailure } from '../events/start-failure.js';
import { TargetsService } from '../events/targets.service.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { TopicBatchRepository } from './topic-batch.repository.js';
import { type TopicEvent, TopicEventRepository } from './topic-event.repository.js';
import { TOPIC_BATCHES_TOPIC } from './topic-queue.service.js';

/** Starts the target of a trigger for a batch. */
@Injectable()
export class BatchStarter {
  constructor(
    private readonly batches: TopicBatchRepository,
    private readonly events: TopicEventRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly targets: TargetsService,
    private readonly wakeups: Wakeups,
  ) {}

  /** What was in the way, if anything. */
  async start(trigger: TopicTrigger, batchId: string, taken: readonly { source: string; eventId: string }[]) {
    const { namespace, id: triggerId } = trigger;
    const named = taken.map(({ source, eventId: id }) => ({ source, id }));
    const events = inOrder(await this.events.list(namespace, named), named);
    await this.deliveries.setSavepoint();
    try {
      const { event, payload } = given(trigger, batchId, events);
      if (event !== events[0]) await this.events.insert(namespace, [event]);
      const started = await this.targets.start(trigger, event, payload);
      const all = event === events[0] ? named : [...named, { source: event.source, id: event.id }];
      await this.events.saveStarts(
        namespace,
        triggerId,
        all.map((name) => ({ ...name, ...started })),
      );
      await this.batches.insert({ id: batchId, triggerId, namespace, ...started });
      await this.deliveries.releaseSavepoint();
      this.lookAtTheEndOf(started);
      return undefined;
    } catch (error) {
      await this.deliveries.rollBackToSavepoint();
      return startFailure(error);
    }
  }

  /** A hint that is lost costs seconds: routers look by themselves too. */
  private lookAtTheEndOf({ targetKind, targetId }: { targetKind: string; targetId: string }): void {
    const topic = targetKind === 'workflow' ? `ended:${targetId}` : `invocation:${targetId}`;
    const forget = this.wakeups.on(topic, () => {
      forget();
      this.wakeups.wake(TOPIC_BATCHES_TOPIC);
    });
  }
}

/** What the target is started for, and what it gets: of a trigger without batches that is the message itself. */
function given({ source }: TopicTrigger, batchId: string, events: readonly TopicEvent[]) {
  const [first] = events;
  if (!first) throw new Error('The events of the batch are gone');
  if (!source.batch) return { event: first, payload: first as CloudEvent<unknown> };
  const event = batchEvent(batchId, events, { topic: source.topic, count: events.length });
  const messages = events.map(({ data }) => data);
  const payload =
    source.batch.shape === 'lambda'
      ? lambdaKafkaEvent(messages)
      : { ...event, data: { topic: source.topic, messages: batchMessages(events) } };
  return { event, payload };
}

function batchEvent(id: string, events: readonly TopicEvent[], data: object): CloudEvent<unknown> {
  const [first] = events;
  const event = cloudEvent<unknown>({
    id: `batch/${id}`,
    source: first?.source ?? '',
    type: TOPIC_BATCH,
    time: new Date().toISOString(),
    data: { ...data, ids: events.map((one) => one.id) },
  });
  const lineages = events.flatMap((one) => lineageOf(one) ?? []);
  const farthest = lineages.toSorted((a, b) => b.hops - a.hops)[0];
  return farthest ? withLineage(event, farthest) : event;
}

function inOrder(events: readonly TopicEvent[], named: readonly { id: string }[]): TopicEvent[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return named.flatMap(({ id }) => byId.get(id) ?? []);
}
