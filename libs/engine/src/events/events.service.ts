import { Database } from '@app/common';
import { type CloudEvent, matches } from '@app/events';
import { Injectable } from '@nestjs/common';
import type { Trigger } from '../triggers/trigger.js';
import { WaitingTriggersService } from '../triggers/waiting-triggers.service.js';
import { DeadLetterRepository } from './dead-letter.repository.js';
import { type EventFilter, EventRepository, type EventStart, type StoredEvent } from './event.repository.js';
import { EventNotFound } from './events.errors.js';
import { StartsService } from './starts.service.js';

export interface Ingested {
  /** It was here before, so nothing was done. */
  readonly duplicate: boolean;
  readonly started: readonly EventStart[];
}

/** Takes events in: the event and everything it starts are stored in one transaction, once per event. */
@Injectable()
export class EventsService {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly deadLetters: DeadLetterRepository,
    private readonly triggers: WaitingTriggersService,
    private readonly starts: StartsService,
  ) {}

  /** When this resolves, the event may be acknowledged to whoever sent it. */
  async ingest(namespace: string, event: CloudEvent<unknown>): Promise<Ingested> {
    return this.database.transaction(async () => {
      if (!(await this.events.insert(namespace, event))) return { duplicate: true, started: [] };
      return { duplicate: false, started: await this.startMatching(namespace, event) };
    });
  }

  /** All or none of them. */
  async ingestAll(namespace: string, events: readonly CloudEvent<unknown>[]): Promise<Ingested[]> {
    return this.database.transaction(async () => {
      const taken: Ingested[] = [];
      for (const event of events) taken.push(await this.ingest(namespace, event));
      return taken;
    });
  }

  /** Stores the event; it starts nothing now. */
  async record(namespace: string, event: CloudEvent<unknown>): Promise<void> {
    await this.events.insert(namespace, event);
  }

  /** Starts what waits for an event that was only recorded when it came, and has not started for it. */
  async startRecorded(namespace: string, event: CloudEvent<unknown>): Promise<readonly EventStart[]> {
    return this.database.transaction(() => this.startMatching(namespace, event));
  }

  /**
   * As `ingest`, for one trigger that reads its source at a pace of its own: that another trigger has seen the event
   * before means nothing to it.
   */
  async ingestFor(trigger: Trigger, event: CloudEvent<unknown>): Promise<Ingested> {
    const { namespace } = trigger;
    return this.database.transaction(async () => {
      await this.events.insert(namespace, event);
      const wanted = trigger.enabled && matches(trigger, event);
      if (!wanted || (await this.events.findStart(trigger.id, namespace, event)))
        return { duplicate: !wanted, started: [] };
      const start = await this.starts.start(trigger, event);
      return { duplicate: false, started: start ? [start] : [] };
    });
  }

  /** What the trigger has started for the event. */
  async findStart(trigger: Trigger, event: CloudEvent<unknown>): Promise<EventStart | undefined> {
    const start = await this.events.findStart(trigger.id, trigger.namespace, event);
    return start && { ...start, trigger: trigger.name };
  }

  /** As `ingest`, in every namespace that has a trigger for the event: the sender knows of none. */
  async ingestWhereAwaited(event: CloudEvent<unknown>): Promise<void> {
    for (const namespace of await this.triggers.namespacesAwaiting(event)) await this.ingest(namespace, event);
  }

  async get(namespace: string, source: string, id: string): Promise<CloudEvent<unknown>> {
    const event = await this.events.find(namespace, source, id);
    if (!event) throw new EventNotFound(source, id);
    return event;
  }

  async list(namespace: string, filter: EventFilter): Promise<StoredEvent[]> {
    return this.events.list(namespace, filter);
  }

  /** Keeps what came in and cannot be read, with the reason. */
  async quarantine(namespace: string, payload: unknown, cause: string): Promise<void> {
    await this.deadLetters.insert(namespace, {
      kind: 'notification',
      payload,
      error: 'Notification.Unreadable',
      cause,
    });
  }

  private async startMatching(namespace: string, event: CloudEvent<unknown>): Promise<EventStart[]> {
    const started: EventStart[] = [];
    for (const trigger of await this.triggers.listMatching(namespace, event)) {
      const start = await this.starts.start(trigger, event);
      if (start) started.push(start);
    }
    return started;
  }
}
