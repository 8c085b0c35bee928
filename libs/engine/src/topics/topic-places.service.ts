import { setTimeout as sleep } from 'node:timers/promises';
import { Database, InvalidRequest } from '@app/common';
import { EventBus, type Place } from '@app/event-bus';
import { Injectable, Logger } from '@nestjs/common';
import type { TopicTrigger } from '../triggers/trigger.js';
import { TriggersService } from '../triggers/triggers.service.js';
import { PlaceFollowUps } from './place-follow-ups.service.js';
import { readingOf } from './reading.js';
import { type ResetTo, type TopicPlace, TopicPlaceRepository } from './topic-place.repository.js';

/** Whoever asks for measurements does not wait longer for a broker. */
const LAG_TIMEOUT_MS = 2_000;

/** For as long a router may take to move a place, before another tries. */
const LEASE_SECONDS = 60;

export interface PartitionPlace extends Place {
  /** How many messages are not read; all of the partition, if nothing was ever read of it. */
  readonly lag: number;
}

export interface TriggerPlace {
  readonly topic: string;
  readonly group: string;
  readonly partitions: readonly PartitionPlace[];
  readonly lag: number;
  /** Taken from the topic, and not started yet. */
  readonly waiting: number;
  /** Started, and not ended yet; of triggers that wait for the end. */
  readonly running: number;
  /** Where it is to read on, as soon as nobody reads at the old place any more. */
  readonly resetTo: ResetTo | undefined;
}

export interface TriggerLag extends Pick<TriggerPlace, 'topic' | 'waiting'> {
  readonly namespace: string;
  readonly trigger: string;
  readonly lag: number | undefined;
}

/** Where topic triggers are in their topics, and putting them elsewhere. */
@Injectable()
export class TopicPlacesService {
  private readonly logger = new Logger(TopicPlacesService.name);

  constructor(
    private readonly database: Database,
    private readonly bus: EventBus,
    private readonly triggers: TriggersService,
    private readonly places: TopicPlaceRepository,
    private readonly follow: PlaceFollowUps,
  ) {}

  async get(namespace: string, name: string): Promise<TriggerPlace> {
    const trigger = await this.topicTrigger(namespace, name);
    const { topic } = trigger.source;
    const reading = readingOf(trigger);
    const partitions = reading ? (await this.bus.places(reading)).map(withLag) : [];
    const lag = partitions.reduce((sum, one) => sum + one.lag, 0);
    const { resetTo } = await this.places.find(trigger.id);
    return { topic, group: reading?.group ?? '', partitions, lag, resetTo, ...(await this.follow.count(trigger.id)) };
  }

  /**
   * Lets the trigger read on from another place. What it has taken and not started is let go; what it reads a second
   * time are other events, so they start something again.
   */
  async reset(namespace: string, name: string, to: ResetTo): Promise<TriggerPlace> {
    const trigger = await this.topicTrigger(namespace, name);
    await this.database.transaction(async () => {
      await this.places.lock(trigger.id);
      await this.places.saveReset(trigger.id, to);
      await this.follow.letGo(trigger.id);
    });
    return this.get(namespace, name);
  }

  /** Of all topic triggers that are on; without `lag` where the bus does not tell in time. */
  async listLags(): Promise<TriggerLag[]> {
    const waiting = await this.follow.countWaiting();
    const triggers = await this.triggers.listEnabled('topic');
    return Promise.all(
      triggers.map(async (trigger) => ({
        namespace: trigger.namespace,
        trigger: trigger.name,
        topic: trigger.source.topic,
        lag: await this.lagOf(trigger),
        waiting: waiting.get(trigger.id) ?? 0,
      })),
    );
  }

  private async lagOf(trigger: TopicTrigger): Promise<number | undefined> {
    const reading = readingOf(trigger);
    if (!reading) return undefined;
    const late = new AbortController();
    const places = this.bus.places(reading).then(
      (found) => found.map(withLag).reduce((sum, { lag }) => sum + lag, 0),
      () => undefined,
    );
    const limit = sleep(LAG_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined);
    return Promise.race([places, limit]).finally(() => late.abort());
  }

  /** Of the triggers that were ever reset, by their ids. */
  async list(): Promise<Map<string, TopicPlace>> {
    return new Map((await this.places.list()).map((place) => [place.triggerId, place]));
  }

  /** Moves the place of a trigger that is to be reset, once nobody reads there; false if somebody does. */
  async applyReset(trigger: TopicTrigger): Promise<boolean> {
    const reading = readingOf(trigger);
    const place = reading && (await this.places.claimReset(trigger.id, LEASE_SECONDS));
    if (!reading || !place) return false;
    try {
      await this.bus.move(reading, startAt(place.resetTo));
      await this.places.finishReset(place);
      return true;
    } catch (error) {
      this.logger.warn(`${trigger.name} cannot be reset yet: ${String(error)}`);
      return false;
    } finally {
      await this.places.releaseReset(trigger.id);
    }
  }

  private async topicTrigger(namespace: string, name: string): Promise<TopicTrigger> {
    const trigger = await this.triggers.get(namespace, name);
    if (trigger.kind === 'topic') return trigger;
    throw new InvalidRequest([{ pointer: '/path/name', message: 'must be of a topic trigger' }]);
  }
}

const withLag = (place: Place): PartitionPlace => ({
  ...place,
  lag: Number(BigInt(place.end) - BigInt(place.offset ?? '0')),
});

function startAt(to: ResetTo = 'latest') {
  if (typeof to !== 'string') return to;
  return to === 'latest' || to === 'earliest' ? to : new Date(to);
}
