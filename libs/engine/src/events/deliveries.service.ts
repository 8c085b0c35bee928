import { Database } from '@app/common';
import { Injectable } from '@nestjs/common';
import { TriggersService } from '../triggers/triggers.service.js';
import { DeliveryRepository } from './delivery.repository.js';
import { EventRepository } from './event.repository.js';
import { StartsService } from './starts.service.js';

/** Delivers again what could not be started. Any number of routers share the work. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly events: EventRepository,
    private readonly triggers: TriggersService,
    private readonly starts: StartsService,
  ) {}

  /** How many were tried; fewer than `limit` means that no more are due. */
  async runDue(limit: number): Promise<number> {
    for (let done = 0; done < limit; done++) if (!(await this.runOne())) return done;
    return limit;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.deliveries.nextInMs();
  }

  private async runOne(): Promise<boolean> {
    return this.database.transaction(async () => {
      const delivery = await this.deliveries.lockDue();
      if (!delivery) return false;
      const { namespace, source, eventId, triggerName } = delivery;
      const event = await this.events.find(namespace, source, eventId);
      if (event) await this.starts.again(delivery, await this.triggers.get(namespace, triggerName), event);
      else await this.deliveries.delete(delivery.id);
      return true;
    });
  }
}
