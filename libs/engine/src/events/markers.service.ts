import { Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { WaitingTriggersService } from '../triggers/waiting-triggers.service.js';
import { SettlingRepository } from './settling.repository.js';

/** Who starts what has settled looks again when this is woken. */
export const SETTLING_TOPIC = 'settling';

/** Objects that say that other objects are complete. */
@Injectable()
export class MarkersService {
  constructor(
    private readonly triggers: WaitingTriggersService,
    private readonly waiting: SettlingRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** A new object may be what others wait for; that it is, is looked at by who starts them. */
  async came(bucket: string, key: string): Promise<void> {
    for (const namespace of await this.triggers.namespacesWithMarkers(bucket)) {
      if ((await this.waiting.hasten(namespace, `/objects/${bucket}`, key)) > 0) this.wakeups.wake(SETTLING_TOPIC);
    }
  }
}
