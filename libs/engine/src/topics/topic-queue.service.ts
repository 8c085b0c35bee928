import { createHash } from 'node:crypto';
import { Wakeups } from '@app/common';
import type { CloudEvent, TopicEventData, TopicSource } from '@app/events';
import { Injectable } from '@nestjs/common';
import type { TopicTrigger } from '../triggers/trigger.js';
import { TopicMessageRepository } from './topic-message.repository.js';

/** Who makes batches looks again when this is woken. */
export const TOPIC_BATCHES_TOPIC = 'topic-batches';

/** With so many messages taken and not done, the others stay in the topic. */
const MOST_WAITING = 5_000;
const LONGEST_LANE = 200;

/** Messages that a trigger has taken wait here, until they are started in batches. */
@Injectable()
export class TopicQueueService {
  constructor(
    private readonly messages: TopicMessageRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async isReady({ id }: TopicTrigger): Promise<boolean> {
    return !(await this.messages.hasAtLeast(id, MOST_WAITING));
  }

  /** Within the transaction that stores the events. One that waits already is left where it is. */
  async add({ id, namespace, source }: TopicTrigger, events: readonly CloudEvent<unknown>[]): Promise<void> {
    const waiting = events.map((event) => ({
      source: event.source,
      eventId: event.id,
      lane: laneOf(source, event.data as TopicEventData),
      bytes: Buffer.byteLength(JSON.stringify(event.data)),
    }));
    await this.messages.insert(id, namespace, waiting);
    if (waiting.length > 0) this.wakeups.wake(TOPIC_BATCHES_TOPIC);
  }
}

function laneOf({ order = 'key' }: TopicSource, { key, partition }: TopicEventData): string | undefined {
  if (order === 'partition') return String(partition);
  if (order === 'none' || key === null) return undefined;
  return key.length > LONGEST_LANE ? createHash('sha256').update(key).digest('base64') : key;
}
