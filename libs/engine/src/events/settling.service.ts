import { AppError, Database } from '@app/common';
import { type CloudEvent, type ObjectEventData, type Settle, settled } from '@app/events';
import { type ObjectFacts, ObjectStore } from '@app/object-store';
import { Injectable, Logger } from '@nestjs/common';
import type { Trigger } from '../triggers/trigger.js';
import { TriggersService } from '../triggers/triggers.service.js';
import { nextLookSeconds, settleOf } from './settling.js';
import { SettlingRepository, type WaitingObject } from './settling.repository.js';
import { StartsService } from './starts.service.js';

/** How long a look at the store may take; after it, somebody else looks. */
const LEASE_SECONDS = 15;

type ObjectEvent = CloudEvent<ObjectEventData>;

/** Starts what waits for objects to be complete, once they are. Any number of routers share the work. */
@Injectable()
export class SettlingService {
  private readonly logger = new Logger(SettlingService.name);

  constructor(
    private readonly database: Database,
    private readonly waiting: SettlingRepository,
    private readonly triggers: TriggersService,
    private readonly starts: StartsService,
    private readonly objects: ObjectStore,
  ) {}

  /** How many were looked at; fewer than `limit` means that no more are due. */
  async runDue(limit: number): Promise<number> {
    for (let done = 0; done < limit; done++) if (!(await this.runOne())) return done;
    return limit;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.waiting.nextInMs();
  }

  private async runOne(): Promise<boolean> {
    const claimed = await this.waiting.claim(LEASE_SECONDS);
    if (!claimed) return false;
    const event = (await this.waiting.event(claimed)) as ObjectEvent | undefined;
    const trigger = await this.triggers.find(claimed.namespace, claimed.triggerName);
    if (!event || !trigger) {
      await this.waiting.delete(claimed);
      return true;
    }
    try {
      await this.conclude(claimed, trigger, event);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'unavailable') throw error;
      // It stays claimed, and is looked at again when the lease runs out.
      this.logger.warn(`Cannot see yet whether ${event.subject} has settled: ${error.message}`);
    }
    return true;
  }

  /** A trigger that does not ask for it any more starts at once. */
  private async conclude(claimed: WaitingObject, trigger: Trigger, event: ObjectEvent): Promise<void> {
    const settle = settleOf(trigger);
    const verdict = settle ? await this.look(settle, claimed, event) : 'complete';
    await this.database.transaction(async () => {
      if (!(await this.waiting.lock(claimed))) return;
      const isLate = settle && 'marker' in settle && claimed.ageSeconds > settle.timeoutSeconds;
      if (verdict === 'waits' && !isLate) return this.waiting.delay(claimed, nextLookSeconds(claimed.ageSeconds));
      await this.waiting.delete(claimed);
      if (verdict === 'complete') await this.starts.startSettled(trigger, event);
      if (verdict === 'waits') await this.giveUp(trigger, event, claimed);
    });
  }

  private async giveUp(trigger: Trigger, event: ObjectEvent, { key, attempts }: WaitingObject): Promise<void> {
    const cause = `The marker ${key} has not come in time. Redrive it to start all the same`;
    await this.starts.bury(trigger, event, { error: 'Settle.TimedOut', cause, isFinal: true }, attempts);
  }

  private async look(settle: Settle, { key }: WaitingObject, { data, time }: ObjectEvent) {
    const object = await this.find(data.bucket, data.key);
    const marker = 'marker' in settle ? await this.find(data.bucket, key) : undefined;
    return settled({ settle, etag: data.etag, eventTime: new Date(time), object, marker });
  }

  private async find(bucket: string, key: string): Promise<ObjectFacts | undefined> {
    try {
      return await this.objects.head({ bucket, key });
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return undefined;
      throw error;
    }
  }
}
