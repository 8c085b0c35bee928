import type { Reading } from '@app/event-bus';
import type { Trigger } from '../triggers/trigger.js';
import { busTopic } from './bus-topic.js';

/** The place of a topic trigger on the bus: a consumer group of its own. Other triggers have none. */
export function readingOf({ id, namespace, kind, source }: Trigger): Reading | undefined {
  return kind === 'topic' ? { topic: busTopic(namespace, source.topic), group: `spool.trigger.${id}` } : undefined;
}
