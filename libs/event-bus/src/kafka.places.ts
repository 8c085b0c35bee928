import type { Admin, Kafka } from 'kafkajs';
import { GroupIsRead } from './event-bus.errors.js';
import type { Place, Position, Reading, Start } from './event-bus.js';
import { groupIdOf } from './kafka.names.js';

/** As long as a member that only moves the place takes to leave. */
const FETCH_WAIT_MS = 50;

/** Where a time or an end of a topic is in each of its partitions. */
export async function positionsAt(admin: Admin, topic: string, at: Start): Promise<Position[]> {
  if (at instanceof Date) return admin.fetchTopicOffsetsByTimestamp(topic, at.getTime());
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.map(({ partition, low, high }) => ({ partition, offset: at === 'latest' ? high : low }));
}

export async function placesOf(admin: Admin, reading: Reading): Promise<Place[]> {
  const { topic } = reading;
  const ends = await admin.fetchTopicOffsets(topic);
  const [stored] = await admin.fetchOffsets({ groupId: groupIdOf(reading), topics: [topic] });
  const offsets = new Map(stored?.partitions.map(({ partition, offset }) => [partition, offset]));
  return ends
    .map(({ partition, low, high }) => ({ partition, offset: placed(offsets.get(partition), low), end: high }))
    .toSorted((a, b) => a.partition - b.partition);
}

/** What was removed from the topic before the group has read it is not waited for. */
function placed(offset: string | undefined, low: string): string | undefined {
  if (offset === undefined || offset === '-1') return undefined;
  return BigInt(offset) < BigInt(low) ? low : offset;
}

/** As a member of the group for a moment: the admin client of kafkajs does the same, and takes five seconds for it. */
export async function moveGroup(
  { kafka, admin }: { readonly kafka: Kafka; readonly admin: Admin },
  reading: Reading,
  positions: readonly Position[],
): Promise<void> {
  const { topic } = reading;
  const groupId = groupIdOf(reading);
  const { groups } = await admin.describeGroups([groupId]);
  const [group] = groups;
  if (group && group.members.length > 0) throw new GroupIsRead(reading.group, group.state);
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: FETCH_WAIT_MS });
  try {
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    // It may fail before anybody waits for it.
    joined.catch(() => {});
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
    await joined;
    await consumer.commitOffsets(positions.map((position) => ({ topic, ...position })));
  } finally {
    await consumer.disconnect();
  }
}
