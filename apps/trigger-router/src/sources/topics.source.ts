import { Loop, Wakeups } from '@app/common';
import { readingOf, startOf, worksOff } from '@app/engine';
import { EventBus, type Subscription } from '@app/event-bus';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from '../workers/rest.js';
import { type TopicReader, TopicReaders } from './topic-readers.js';

/** Others may still be reading where a trigger is to be moved from. */
const RESET_AGAIN_MS = 1_000;

/** One subscription for each topic trigger, each with a consumer group of its own. */
@Injectable()
export class TopicsSource implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly subscriptions = new Map<string, Promise<Subscription>>();
  private readonly loop = new Loop({ name: TopicsSource.name, restMs: 2_000 }, (signal) => this.round(signal));

  constructor(
    private readonly bus: EventBus,
    private readonly topics: TopicReaders,
    private readonly wakeups: Wakeups,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
    await Promise.all([...this.subscriptions.keys()].map((key) => this.close(key)));
  }

  private async round(signal: AbortSignal): Promise<void> {
    await lookThenRest(this.wakeups, 'triggers', () => this.reconcile(), signal);
  }

  private async reconcile(): Promise<undefined> {
    const triggers = await this.topics.triggers();
    const wanted = new Map(triggers.filter(isToRead).map((one) => [keyOf(one), one]));
    for (const key of this.subscriptions.keys()) if (!wanted.has(key)) await this.close(key);
    // Only now, as nobody may read in a group while it is moved; other routers close theirs too.
    const isToReset = triggers.some(({ place }) => place?.resetTo !== undefined);
    if (isToReset) await this.topics.reset(triggers);
    await this.openAll([...wanted].filter(([key]) => !this.subscriptions.has(key)));
    if (isToReset) setTimeout(() => this.wakeups.wake('triggers'), RESET_AGAIN_MS).unref();
  }

  /** One that cannot be read must not keep the others from it. */
  private async openAll(readers: readonly (readonly [string, TopicReader])[]): Promise<void> {
    const failures: unknown[] = [];
    for (const [key, reader] of readers) await this.open(key, reader).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  private async open(key: string, { trigger, place }: TopicReader): Promise<void> {
    const reading = readingOf(trigger);
    if (!reading) return;
    const isReady = worksOff(trigger) ? { isReady: () => this.topics.isReady(trigger) } : {};
    const subscription = { ...reading, from: startOf(trigger.source), ...isReady };
    const opened = this.bus.subscribe(subscription, (messages) =>
      this.topics.take(trigger, place?.generation ?? 0, messages),
    );
    this.subscriptions.set(key, opened);
    await opened.catch((error: unknown) => {
      this.subscriptions.delete(key);
      throw error;
    });
  }

  private async close(key: string): Promise<void> {
    const subscription = await this.subscriptions.get(key);
    this.subscriptions.delete(key);
    await subscription?.close();
  }
}

const isToRead = ({ trigger, place }: TopicReader): boolean => trigger.enabled && place?.resetTo === undefined;

/** A trigger that now listens to something else, or does something else, is another subscription of the same group. */
const keyOf = ({ trigger: { id, updatedAt }, place }: TopicReader): string =>
  `${id}@${updatedAt.toISOString()}#${place?.generation ?? 0}`;
