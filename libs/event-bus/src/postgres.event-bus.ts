import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, Loop, type Wakeups } from '@app/common';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import {
  EventBus,
  type HandleMessages,
  MAX_BATCH,
  type NewMessage,
  type NewSubscription,
  NOT_READY_MS,
  type Place,
  type Position,
  type Reading,
  retryDelayMs,
  type Start,
  type Subscription,
} from './event-bus.js';
import { EventBusRepository } from './event-bus.repository.js';
import { checkPublishable, checkTopic } from './publishable.js';

export interface PostgresEventBusOptions {
  /** How often to look for messages when no hint came. */
  readonly pollMs?: number;
}

const POLL_MS = 2_000;
const REST_MS = 1_000;

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

const wakeupOf = (topic: string): string => `bus:${topic}`;

/**
 * Topics in Postgres, for installations without Kafka. A topic has one partition, and one batch of a group
 * is in hand at a time, in whichever process got the lock of the group's row.
 */
export class PostgresEventBus extends EventBus implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PostgresEventBus.name);
  private readonly repository: EventBusRepository;
  private readonly open = new Set<Subscription>();
  /** Runs a function outside of any transaction that `subscribe` happens to be called in. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly database: Database,
    private readonly wakeups: Wakeups,
    private readonly options: PostgresEventBusOptions = {},
  ) {
    super();
    this.repository = new EventBusRepository(database);
  }

  override async publish(topic: string, messages: readonly NewMessage[]): Promise<Position[]> {
    checkPublishable(topic, messages);
    if (messages.length === 0) return [];
    const positions = await this.repository.insertMessages(topic, messages);
    this.wakeups.wake(wakeupOf(topic));
    return positions;
  }

  override async subscribe(subscription: NewSubscription, handle: HandleMessages): Promise<Subscription> {
    checkTopic(subscription.topic);
    await this.repository.insertConsumer(subscription);
    let hinted = false;
    const forgetHints = this.wakeups.on(wakeupOf(subscription.topic), () => {
      hinted = true;
    });
    const loop = new Loop(
      { name: `bus ${subscription.topic} → ${subscription.group}`, restMs: REST_MS },
      async (signal) => {
        hinted = false;
        if (subscription.isReady && !(await subscription.isReady())) return rest(NOT_READY_MS, signal);
        const handled = await this.handleBatch(subscription, handle);
        // A hint that came while we looked must not be slept through.
        if (!handled && !hinted) await this.wakeups.wait(wakeupOf(subscription.topic), this.waitMs(), signal);
      },
    );
    const opened: Subscription = {
      close: async () => {
        forgetHints();
        this.open.delete(opened);
        await loop.stop();
      },
    };
    this.open.add(opened);
    this.outside(() => loop.start());
    return opened;
  }

  override async places(reading: Reading): Promise<Place[]> {
    return this.repository.listPlaces(reading);
  }

  override async move(reading: Reading, to: Start | readonly Position[]): Promise<void> {
    const { topic } = reading;
    checkTopic(topic);
    const isStart = to === 'latest' || to === 'earliest' || to instanceof Date;
    const offset = isStart
      ? await this.repository.offsetOf(topic, to)
      : to.find(({ partition }) => partition === 0)?.offset;
    if (offset === undefined) return;
    await this.repository.saveConsumer(reading, offset);
    this.wakeups.wake(wakeupOf(topic));
  }

  override async forget(reading: Reading): Promise<void> {
    await this.repository.deleteConsumer(reading);
  }

  override async trimAll(before: Date): Promise<number> {
    let trimmed = 0;
    for (const topic of await this.repository.listTopics()) trimmed += await this.trim(topic, before);
    return trimmed;
  }

  /** Removes the messages published before a time that every group has read; resolves to their number. */
  async trim(topic: string, before: Date): Promise<number> {
    return this.repository.deleteMessages(topic, before);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.open].map((subscription) => subscription.close()));
  }

  /** True if a batch was handled, so that more may be there. */
  private async handleBatch(reading: Reading, handle: HandleMessages): Promise<boolean> {
    return this.database.transaction(async () => {
      const place = await this.repository.lockConsumer(reading);
      if (place === undefined) return false;
      const messages = await this.repository.listMessages(reading.topic, place, MAX_BATCH);
      const last = messages.at(-1);
      if (!last) return false;
      await this.repository.setSavepoint();
      try {
        await handle(messages);
      } catch (reason) {
        await this.backOff(reading, reason);
        return false;
      }
      await this.repository.moveConsumer(reading, last.offset);
      return true;
    });
  }

  /** Takes back what `handle` did and sets the time of the next try, before anybody else can have the lock. */
  private async backOff(reading: Reading, reason: unknown): Promise<void> {
    await this.repository.rollBackToSavepoint();
    const failures = await this.repository.countFailure(reading);
    const delayMs = retryDelayMs(failures);
    await this.repository.delayConsumer(reading, delayMs);
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    this.logger.warn(`${reading.group} rejected messages of ${reading.topic}, again in ${delayMs} ms: ${text}`);
    this.database.afterCommit(() => setTimeout(() => this.wakeups.wake(wakeupOf(reading.topic)), delayMs + 10).unref());
  }

  /** Spread, so that many processes do not look in the same moment. */
  private waitMs(): number {
    return Math.round((this.options.pollMs ?? POLL_MS) * (0.8 + Math.random() * 0.4));
  }
}
