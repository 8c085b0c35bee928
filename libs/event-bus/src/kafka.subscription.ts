import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import {
  type HandleMessages,
  MAX_BATCH,
  type Message,
  type NewSubscription,
  NOT_READY_MS,
  retryDelayMs,
  type Subscription,
} from './event-bus.js';
import { fromKafka } from './kafka.message.js';
import { groupIdOf } from './kafka.names.js';
import { positionsAt } from './kafka.places.js';
import { isRebalance, retried } from './kafka.retry.js';

export interface KafkaReading {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly sessionSeconds: number;
  readonly retries: number;
}

const PARTITIONS_AT_ONCE = 8;
/** An empty topic is asked again this soon; kafkajs's own 5 s is also how long it takes to close. */
const FETCH_WAIT_MS = 50;
const RESTART_MS = 1_000;
/** What the broker says of a partition in which the group has no place. */
const NO_OFFSET = -1;

/**
 * One member of a consumer group. Each partition goes its own way:
 *
 *   batch → handle ─ resolved → commit the offset → next
 *              └──── rejected → pause this partition, resume it after the back-off at the same message
 */
export class KafkaSubscription implements Subscription {
  private readonly logger = new Logger(KafkaSubscription.name);
  private readonly failures = new Map<number, number>();
  private readonly inHand = new Set<Promise<void>>();
  private consumer: Consumer | undefined;
  private restarting: NodeJS.Timeout | undefined;
  private closed = false;
  /** Resolves when the places of the partitions that we have now are fixed. */
  private placed: Promise<void> = Promise.resolve();

  private constructor(
    private readonly reading: KafkaReading,
    private readonly subscription: NewSubscription,
    /** Where a group begins in each partition that is new to it. */
    private readonly starts: ReadonlyMap<number, string>,
    private readonly handle: HandleMessages,
  ) {}

  static async open(
    reading: KafkaReading,
    subscription: NewSubscription,
    handle: HandleMessages,
  ): Promise<KafkaSubscription> {
    const { topic, from } = subscription;
    const positions = await retried(reading.retries, () => positionsAt(reading.admin, topic, from));
    const starts = new Map(positions.map(({ partition, offset }) => [partition, offset]));
    const opened = new KafkaSubscription(reading, subscription, starts, handle);
    try {
      await opened.start();
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.restarting);
    await Promise.allSettled(this.inHand);
    await this.consumer?.disconnect();
  }

  /** Resolves once the group has been joined and our places in it are fixed. */
  private async start(): Promise<void> {
    const { kafka, sessionSeconds, retries } = this.reading;
    await retried(retries, async () => {
      const consumer = kafka.consumer({
        groupId: groupIdOf(this.subscription),
        sessionTimeout: sessionSeconds * 1_000,
        heartbeatInterval: (sessionSeconds * 1_000) / 4,
        maxWaitTimeInMs: FETCH_WAIT_MS,
        allowAutoTopicCreation: true,
      });
      this.consumer = consumer;
      try {
        await this.join(consumer);
      } catch (error) {
        // One that failed may still be about to try again by itself, and would be a second member.
        await consumer.disconnect();
        throw error;
      }
      consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || this.restartLater(payload.error));
    });
  }

  private async join(consumer: Consumer): Promise<void> {
    const { topic } = this.subscription;
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        this.placed = this.place(consumer, payload.memberAssignment[topic] ?? []);
        this.placed.then(resolve, (error: unknown) => isRebalance(error) || reject(error));
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    // It may fail before anybody waits for it.
    joined.catch(() => {});
    await consumer.connect();
    // Whoever was away for longer than the topic keeps messages goes on with the first that is left, and not behind
    // the last. Where a new group begins is said by `place`.
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.track(this.eachBatch(payload)),
    });
    await joined;
  }

  /**
   * A group that begins at the latest message and has seen none yet has no place at the broker, so what is
   * published while it is away would be lost. Therefore the place is stored before anything is read.
   */
  private async place(consumer: Consumer, partitions: readonly number[]): Promise<void> {
    const { topic, from } = this.subscription;
    if (from === 'earliest' || partitions.length === 0) return;
    const { admin, retries } = this.reading;
    const groupId = groupIdOf(this.subscription);
    const [stored] = await retried(retries, () => admin.fetchOffsets({ groupId, topics: [topic] }));
    const known = new Set(
      stored?.partitions.filter(({ offset }) => Number(offset) !== NO_OFFSET).map(({ partition }) => partition),
    );
    const places = partitions
      .filter((partition) => !known.has(partition))
      // A partition that was added since begins at its first message.
      .map((partition) => ({ topic, partition, offset: this.starts.get(partition) ?? '0' }));
    if (places.length === 0) return;
    for (const place of places) consumer.seek(place);
    await consumer.commitOffsets(places);
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, commitOffsetsIfNecessary, isRunning, isStale, pause } = payload;
    const { topic, partition, messages } = batch;
    await this.placed;
    for (let start = 0; start < messages.length; start += MAX_BATCH) {
      const isOver = () => this.closed || !isRunning() || isStale();
      if (isOver() || !(await this.isReady(payload, isOver))) return;
      const part = messages.slice(start, start + MAX_BATCH);
      const rejection = await this.handleAlive(
        part.map((message) => fromKafka(topic, partition, message)),
        payload,
      );
      if (rejection) return this.backOff(partition, rejection.reason, pause());
      this.failures.delete(partition);
      const last = part.at(-1)?.offset ?? '0';
      resolveOffset(last);
      const offset = String(BigInt(last) + 1n);
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    }
  }

  /** Waits until whoever handles is ready; false if the messages are not ours any more by then. */
  private async isReady({ heartbeat }: EachBatchPayload, isOver: () => boolean): Promise<boolean> {
    const { isReady = async () => true } = this.subscription;
    while (!(await isReady())) {
      await sleep(NOT_READY_MS);
      await heartbeat();
      if (isOver()) return false;
    }
    return true;
  }

  /** Keeps the membership alive meanwhile. A heartbeat that fails is noticed when the offset is committed. */
  private async handleAlive(
    messages: readonly Message[],
    { heartbeat }: EachBatchPayload,
  ): Promise<{ readonly reason: unknown } | undefined> {
    const beating = setInterval(() => void heartbeat().catch(() => {}), (this.reading.sessionSeconds * 1_000) / 4);
    try {
      await this.handle(messages);
      return undefined;
    } catch (reason) {
      return { reason };
    } finally {
      clearInterval(beating);
    }
  }

  private backOff(partition: number, reason: unknown, resume: () => void): void {
    const failures = (this.failures.get(partition) ?? 0) + 1;
    this.failures.set(partition, failures);
    const delayMs = retryDelayMs(failures);
    const { topic, group } = this.subscription;
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    this.logger.warn(`${group} rejected messages of ${topic}/${partition}, again in ${delayMs} ms: ${text}`);
    setTimeout(resume, delayMs).unref();
  }

  private async track(work: Promise<void>): Promise<void> {
    this.inHand.add(work);
    await work.finally(() => this.inHand.delete(work));
  }

  /** kafkajs gives up for good on errors that it takes for permanent. A subscription never ends by itself. */
  private restartLater(error: unknown): void {
    if (this.closed || this.restarting) return;
    this.logger.error(`Reading ${this.subscription.topic} stopped, starting again: ${String(error)}`);
    this.restarting = setTimeout(() => void this.restart(), RESTART_MS).unref();
  }

  private async restart(): Promise<void> {
    this.restarting = undefined;
    try {
      if (!this.closed) await this.start();
      if (this.closed) await this.consumer?.disconnect(); // Closed while it joined.
    } catch (error) {
      this.restartLater(error);
    }
  }
}
