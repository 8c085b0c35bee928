import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@app/common';
import { StoreNotificationsService } from '@app/engine';
import { EventBus, type Message, type Subscription } from '@app/event-bus';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

/** Which topic the store publishes to. */
export const OBJECT_TOPIC = Symbol('OBJECT_TOPIC');

/** All routers share the messages. */
const GROUP = 'spool.objects';
const LOOK_AGAIN_MS = 60_000;

/**
 * Reads what an object store publishes to a topic, as MinIO, Ceph and versitygw do. A place is kept only when what
 * stands before it is committed, so nothing that the store has published is missed.
 */
@Injectable()
export class ObjectTopicSource implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop = new Loop({ name: ObjectTopicSource.name, restMs: 2_000 }, (signal) => this.round(signal));
  private subscription: Subscription | undefined;

  constructor(
    private readonly bus: EventBus,
    private readonly store: StoreNotificationsService,
    @Inject(OBJECT_TOPIC) private readonly topic: string,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
    await this.subscription?.close();
  }

  /** Until it has succeeded: a broker may come later than we do. */
  private async round(signal: AbortSignal): Promise<void> {
    const reading = { topic: this.topic, group: GROUP, from: 'earliest' } as const;
    this.subscription ??= await this.bus.subscribe(reading, (messages) => this.receive(messages));
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {});
  }

  private async receive(messages: readonly Message[]): Promise<void> {
    for (const message of messages) await this.take(message);
  }

  private async take({ value, partition, offset }: Message): Promise<void> {
    // MinIO publishes an empty one for a removed object, where the topic shall hold the state of a bucket.
    if (value.length === 0) return;
    const body = parsed(value);
    if (body !== undefined) {
      await this.store.takeBody(body);
      return;
    }
    const record = { topic: this.topic, partition, offset, valueBase64: value.subarray(0, 10_000).toString('base64') };
    await this.store.quarantine(record, '(body): must be JSON: a notification of an object store');
  }
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
