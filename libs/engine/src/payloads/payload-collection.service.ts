import { ObjectStore } from '@app/object-store';
import { Injectable } from '@nestjs/common';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';
import { PREFIX } from './payload-marks.js';
import { PayloadRepository } from './payload.repository.js';
import { RESULTS_PREFIX } from './task-result-objects.js';

/**
 * Nothing that was put into the store, or looked up to be referred to, is removed before: the transaction that refers to
 * it follows within minutes, and what a process takes for known is an hour old at most.
 */
const IDLE_SECONDS = 24 * 3_600;
const BATCH = 500;
const SWEEP_MS = 6 * 3_600_000;

/** Removes values that nothing refers to from the object store. */
@Injectable()
export class PayloadCollectionService {
  private sweptAt = -Infinity;

  constructor(
    private readonly payloads: PayloadRepository,
    private readonly objects: ObjectStore,
  ) {}

  async run(idleSeconds = IDLE_SECONDS): Promise<void> {
    while ((await this.payloads.deleteStaleUses(BATCH)) === BATCH);
    for (;;) {
      const keys = await this.payloads.deleteUnused(idleSeconds, BATCH);
      // A crash here leaves objects without a row, which the sweep below finds.
      for (const key of keys) await this.objects.delete({ bucket: SYSTEM_BUCKET, key });
      if (keys.length < BATCH) break;
    }
    if (performance.now() - this.sweptAt > SWEEP_MS) await this.sweepAll(idleSeconds);
  }

  /** Looks at every object, so it is done now and then only. */
  async sweepAll(idleSeconds = IDLE_SECONDS): Promise<void> {
    this.sweptAt = performance.now();
    const before = Date.now() - idleSeconds * 1_000;
    await this.sweep(PREFIX, before, (keys) => this.payloads.listUnknown(keys));
    await this.sweep(RESULTS_PREFIX, before, (keys) => Promise.resolve(keys));
  }

  /** Objects of which a crash left no row: between the putting and the row, or between the row and the removal. */
  private async sweep(
    prefix: string,
    before: number,
    unknown: (keys: readonly string[]) => Promise<readonly string[]>,
  ): Promise<void> {
    await this.objects.ensureBucket(SYSTEM_BUCKET);
    let after: string | undefined;
    do {
      const page = await this.objects.list(SYSTEM_BUCKET, {
        prefix,
        limit: BATCH,
        ...(after !== undefined && { after }),
      });
      const old = page.objects.filter(({ lastModified }) => lastModified.getTime() < before).map(({ key }) => key);
      for (const key of old.length > 0 ? await unknown(old) : [])
        await this.objects.delete({ bucket: SYSTEM_BUCKET, key });
      after = page.next;
    } while (after !== undefined);
  }
}
