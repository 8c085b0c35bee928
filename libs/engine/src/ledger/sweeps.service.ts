import { AppError, isStorable, Wakeups } from '@app/common';
import { ObjectStore, type ObjectSummary } from '@app/object-store';
import { Injectable, Logger } from '@nestjs/common';
import { WaitingTriggersService } from '../triggers/waiting-triggers.service.js';
import { BucketSweepRepository, type ClaimedSweep } from './bucket-sweep.repository.js';
import { LedgerService, listedEvent } from './ledger.service.js';

export const SWEEPS_TOPIC = 'sweeps';

/** S3 lists at most so many at once. */
const PAGE = 1_000;
const LEASE_SECONDS = 120;
/** Between two sweeps of a bucket; ten times as long as the sweep took, if that is more. */
const REST_SECONDS = 60;

/**
 * Reads the listings of buckets that triggers wait for, again and again, and acts on what no notification told of.
 * Two routers that sweep one bucket do no harm: the ledger decides, and a lease keeps it rare.
 */
@Injectable()
export class SweepsService {
  private readonly logger = new Logger(SweepsService.name);

  constructor(
    private readonly sweeps: BucketSweepRepository,
    private readonly ledger: LedgerService,
    private readonly triggers: WaitingTriggersService,
    private readonly objects: ObjectStore,
    private readonly wakeups: Wakeups,
  ) {}

  /** Reads one page of one bucket that is due. False if none is. */
  async sweepDue(): Promise<boolean> {
    await this.sweeps.insertMissing();
    const sweep = await this.sweeps.claim(LEASE_SECONDS);
    if (!sweep) return false;
    if (sweep.since) await this.sweepPage(sweep, sweep.since);
    else await this.sweeps.delete(sweep);
    return true;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.sweeps.nextInMs();
  }

  /** Sweeps the bucket as soon as a router can. False if no trigger waits for it. */
  async hasten(namespace: string, bucket: string): Promise<boolean> {
    const isSwept = await this.sweeps.hasten(namespace, bucket);
    if (isSwept) this.wakeups.wake(SWEEPS_TOPIC);
    return isSwept;
  }

  /** For all who wait for the bucket: nobody listened to it until now. */
  async hastenEverywhere(bucket: string): Promise<void> {
    await this.sweeps.hastenEverywhere(bucket);
    this.wakeups.wake(SWEEPS_TOPIC);
  }

  private async sweepPage(sweep: ClaimedSweep, since: Date): Promise<void> {
    const { namespace, bucket, afterKey } = sweep;
    try {
      const { objects, next } = await this.objects.list(bucket, { limit: PAGE, ...(afterKey && { after: afterKey }) });
      // What cannot be stored would keep a sweep from all that stands beside it.
      const young = objects.filter((object) => object.lastModified >= since && isStorable(object.key));
      let healed = 0;
      for (const object of await this.ledger.unknown(namespace, bucket, young)) {
        if (await this.heal(sweep, object)) healed += 1;
      }
      await this.sweeps.savePage(sweep, { listed: objects.length, healed, ...(next && { next }) }, REST_SECONDS);
      if (healed > 0) this.logger.log(`A sweep of ${bucket} found ${healed} objects that no notification told of`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await this.sweeps.saveError(sweep, error.message, REST_SECONDS);
    }
  }

  private async heal({ namespace, bucket }: ClaimedSweep, object: ObjectSummary): Promise<boolean> {
    const event = listedEvent(bucket, object);
    const isAwaited = (await this.triggers.listMatching(namespace, event)).length > 0;
    if (!isAwaited && !(await this.triggers.askMore(namespace, event))) return false;
    try {
      const { contentType, metadata, etag } = await this.objects.head({ bucket, key: object.key });
      // What took its place since the listing is told of, or found next time.
      if (etag !== object.etag) return false;
      return await this.ledger.heal(namespace, bucket, { ...object, contentType, metadata });
    } catch (error) {
      // It went away since the listing, so there is nothing to act on.
      if (error instanceof AppError && error.kind === 'not_found') return false;
      throw error;
    }
  }
}
