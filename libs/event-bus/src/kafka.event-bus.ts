import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import { type Admin, Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaConfig } from './event-bus.config.js';
import { EventBusUnavailable, GroupIsRead } from './event-bus.errors.js';
import {
  EventBus,
  type HandleMessages,
  type NewMessage,
  type NewSubscription,
  type Place,
  type Position,
  type Reading,
  type Start,
  type Subscription,
} from './event-bus.js';
import { nestLogCreator } from './kafka.logger.js';
import { groupIdOf } from './kafka.names.js';
import { moveGroup, placesOf, positionsAt } from './kafka.places.js';
import { retried } from './kafka.retry.js';
import { KafkaPublisher } from './kafka.publisher.js';
import { KafkaSubscription } from './kafka.subscription.js';
import { checkPublishable, checkTopic } from './publishable.js';

interface DeleteFailed {
  readonly groups?: readonly { readonly errorCode?: number }[];
}

const GROUP_ID_NOT_FOUND = 69;
const PAUSES = { initialRetryTime: 100, maxRetryTime: 5_000 };

/**
 * Topics in Kafka. Plain kafkajs and not the clients of @nestjs/microservices: ClientKafka does not say which
 * partition a message went to, so the offset of each message cannot be known, and turns values into text;
 * ServerKafka takes its topics once, at start-up, from decorators, while triggers come and go, and commits
 * what a handler rejected. kafkajs is no longer maintained, so nothing outside of `kafka.*.ts` knows it.
 */
export class KafkaEventBus extends EventBus implements BeforeApplicationShutdown {
  private readonly logger = new Logger(KafkaEventBus.name);
  private readonly kafka: Kafka;
  private readonly publisher: KafkaPublisher;
  private readonly open = new Set<Subscription>();
  private readonly known = new Set<string>();
  private admin: Promise<Admin> | undefined;

  constructor(private readonly config: KafkaConfig) {
    super();
    const { brokers, clientId, ssl, sasl, retries } = config;
    this.kafka = new Kafka({
      brokers,
      clientId,
      ssl,
      ...(sasl && { sasl: sasl as SASLOptions }),
      retry: { ...PAUSES, retries },
      connectionTimeout: 3_000,
      logLevel: logLevel.WARN,
      logCreator: nestLogCreator,
    });
    this.publisher = new KafkaPublisher(this.kafka);
  }

  override async publish(topic: string, messages: readonly NewMessage[]): Promise<Position[]> {
    checkPublishable(topic, messages);
    if (messages.length === 0) return [];
    return this.attempt(`publish to ${topic}`, async () => {
      await this.ensureTopic(topic);
      return this.publisher.publish(topic, messages);
    });
  }

  override async subscribe(subscription: NewSubscription, handle: HandleMessages): Promise<Subscription> {
    checkTopic(subscription.topic);
    return this.attempt(`subscribe to ${subscription.topic}`, async () => {
      await this.ensureTopic(subscription.topic);
      const { sessionSeconds, retries } = this.config;
      const reading = { kafka: this.kafka, admin: await this.connectedAdmin(), sessionSeconds, retries };
      const member = await KafkaSubscription.open(reading, subscription, handle);
      const opened: Subscription = {
        close: async () => {
          this.open.delete(opened);
          await member.close();
        },
      };
      this.open.add(opened);
      return opened;
    });
  }

  override async places(reading: Reading): Promise<Place[]> {
    checkTopic(reading.topic);
    return this.attempt(`find the place of ${groupIdOf(reading)}`, async () => {
      await this.ensureTopic(reading.topic);
      const admin = await this.connectedAdmin();
      return retried(this.config.retries, () => placesOf(admin, reading));
    });
  }

  override async move(reading: Reading, to: Start | readonly Position[]): Promise<void> {
    const { topic } = reading;
    checkTopic(topic);
    await this.attempt(`move the place of ${groupIdOf(reading)}`, async () => {
      await this.ensureTopic(topic);
      const admin = await this.connectedAdmin();
      const isStart = to === 'latest' || to === 'earliest' || to instanceof Date;
      const positions = isStart ? await positionsAt(admin, topic, to) : [...to];
      if (positions.length > 0) await moveGroup({ kafka: this.kafka, admin }, reading, positions);
    });
  }

  override async forget(reading: Reading): Promise<void> {
    await this.attempt(`forget the group ${groupIdOf(reading)}`, async () => {
      const admin = await this.connectedAdmin();
      await retried(this.config.retries, () => admin.deleteGroups([groupIdOf(reading)])).catch(
        (error: DeleteFailed) => {
          if (error.groups?.[0]?.errorCode !== GROUP_ID_NOT_FOUND) throw error;
        },
      );
    });
  }

  override async trimAll(): Promise<number> {
    return 0;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.allSettled([...this.open].map((subscription) => subscription.close()));
    await this.publisher.close();
    await this.admin?.then((admin) => admin.disconnect()).catch(() => {});
    this.admin = undefined;
  }

  /** Once for each topic. Who may not create topics may still find one that is there, or made by the broker. */
  private async ensureTopic(topic: string): Promise<void> {
    if (this.known.has(topic)) return;
    const admin = await this.connectedAdmin();
    await admin
      .createTopics({ topics: [{ topic }], waitForLeaders: true })
      .catch((error: Error) => this.logger.debug(`Topic ${topic} was not created: ${error.message}`));
    this.known.add(topic);
  }

  private connectedAdmin(): Promise<Admin> {
    this.admin ??= this.connectAdmin();
    return this.admin;
  }

  private async connectAdmin(): Promise<Admin> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.admin = undefined;
      throw error;
    }
  }

  private async attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof GroupIsRead ? error : new EventBusUnavailable(doing, error);
    }
  }
}
