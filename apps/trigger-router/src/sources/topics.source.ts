import { Loop, Wakeups } from '@app/common';
import { EventsService, readingOf, type TopicTrigger, TriggersService } from '@app/engine';
import { EventBus, type Message, type Subscription } from '@app/event-bus';
import { topicEvent } from '@app/events';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from '../workers/rest.js';

/** One subscription for each topic trigger, each with a consumer group of its own. */
@Injectable()
export class TopicsSource implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly subscriptions = new Map<string, Promise<Subscription>>();
  private readonly loop = new Loop({ name: TopicsSource.name, restMs: 2_000 }, (signal) => this.round(signal));

  constructor(
    private readonly bus: EventBus,
    private readonly triggers: TriggersService,
    private readonly events: EventsService,
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
    const wanted = new Map((await this.triggers.listEnabled('topic')).map((trigger) => [keyOf(trigger), trigger]));
    for (const key of this.subscriptions.keys()) if (!wanted.has(key)) await this.close(key);
    for (const [key, trigger] of wanted) if (!this.subscriptions.has(key)) await this.open(key, trigger);
  }

  private async open(key: string, trigger: TopicTrigger): Promise<void> {
    const reading = readingOf(trigger);
    if (!reading) return;
    const subscription = { ...reading, from: trigger.source.from };
    const opened = this.bus.subscribe(subscription, (messages) => this.receive(trigger, messages));
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

  /**
   * The offset is stored after this has resolved, so every message's event is committed by then. A message that cannot
   * be started rejects nothing: it is delivered again by itself, and only its key waits.
   */
  private async receive(trigger: TopicTrigger, messages: readonly Message[]): Promise<void> {
    const { topic } = trigger.source;
    for (const message of messages) await this.events.ingestFor(trigger, topicEvent({ ...message, topic }));
  }
}

/** A trigger that now listens to something else, or does something else, is another subscription of the same group. */
const keyOf = ({ id, updatedAt }: TopicTrigger): string => `${id}@${updatedAt.toISOString()}`;
