import { AppError } from '@app/common';
import { type CloudEvent, type ObjectEventData, withLineage } from '@app/events';
import { ObjectStore } from '@app/object-store';
import { Injectable } from '@nestjs/common';
import { LineageRepository } from '../lineage/lineage.repository.js';
import { WaitingTriggersService } from '../triggers/waiting-triggers.service.js';

type ObjectEvent = CloudEvent<ObjectEventData>;

/** Adds to events of objects what their stores do not tell. */
@Injectable()
export class ObjectEventsService {
  constructor(
    private readonly lineage: LineageRepository,
    private readonly triggers: WaitingTriggersService,
    private readonly objects: ObjectStore,
  ) {}

  /** An object that we wrote ourselves says how many events led to it. */
  async traced(event: ObjectEvent): Promise<ObjectEvent> {
    const origin = await this.lineage.findOrigin(event.data);
    return origin ? withLineage(event, origin) : event;
  }

  /**
   * With size, type and metadata, if a trigger of the namespace asks for what the event does not say. Of an object
   * that was replaced or removed meanwhile nothing can be learned: what took its place has an event of its own.
   */
  async completed(namespace: string, event: ObjectEvent): Promise<ObjectEvent> {
    if (!(await this.triggers.askMore(namespace, event))) return event;
    const { bucket, key, etag } = event.data;
    try {
      const { size, contentType, metadata, etag: present } = await this.objects.head({ bucket, key });
      if (etag !== undefined && etag !== present) return event;
      return { ...event, data: { size, contentType, metadata, ...event.data } };
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return event;
      throw error;
    }
  }
}
