import type { TopicSource } from '@app/events';
import type { WaitingMessage } from './topic-message.repository.js';

/**
 * Of messages in their order, those that make the next batch: none while it may still fill. One that was tried before
 * has waited enough. A message that is larger than a batch may be goes alone.
 */
export function nextBatch(batch: TopicSource['batch'], waiting: readonly WaitingMessage[]): string[] {
  const [first] = waiting;
  if (!first) return [];
  if (!batch) return [first.id];
  let bytes = 0;
  const fitting = waiting.findIndex((message, index) => {
    bytes += message.bytes + 1;
    return bytes > batch.maxBytes && index > 0;
  });
  const chosen = fitting === -1 ? waiting.slice(0, batch.size) : waiting.slice(0, fitting);
  const isFull = fitting !== -1 || chosen.length === batch.size || bytes > batch.maxBytes;
  const isLate = chosen.some(({ attempts, ageMs }) => attempts > 0 || ageMs >= batch.windowSeconds * 1_000);
  return isFull || isLate ? chosen.map(({ id }) => id) : [];
}
