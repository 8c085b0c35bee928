import { Database } from '@app/common';
import type { CloudEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { TriggersService } from '../triggers/triggers.service.js';
import { EventRepository } from './event.repository.js';
import { EventNotFound } from './events.errors.js';
import { EventsService, type Ingested } from './events.service.js';

export interface Replayed extends Ingested {
  /** The new event's. */
  readonly id: string;
}

/** Gives an event to triggers again, as a new event: what it started before is left alone. */
@Injectable()
export class ReplaysService {
  constructor(
    private readonly database: Database,
    private readonly repository: EventRepository,
    private readonly events: EventsService,
    private readonly triggers: TriggersService,
  ) {}

  /** To one trigger, or to all that match. */
  async replay(namespace: string, source: string, id: string, trigger?: string): Promise<Replayed> {
    const event = await this.repository.find(namespace, source, id);
    if (!event) throw new EventNotFound(source, id);
    // The id of the first one is part of the new one, for people; extension attributes say it to programs.
    const copy: CloudEvent<unknown> & { spoolreplayof: string } = {
      ...event,
      id: `${id}/replay/${uuid()}`,
      spoolreplayof: id,
    };
    return this.database.transaction(async () => {
      const taken =
        trigger === undefined
          ? await this.events.ingest(namespace, copy)
          : await this.events.ingestFor(await this.triggers.get(namespace, trigger), copy);
      return { ...taken, id: copy.id };
    });
  }
}
