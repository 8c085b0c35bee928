import { EventBus } from '@app/event-bus';
import { Injectable, Logger } from '@nestjs/common';
import { ResultCacheRepository } from '../result-cache/result-cache.repository.js';
import { PayloadCollectionService } from '../payloads/payload-collection.service.js';
import { NamespaceRetentionService } from './namespace-retention.service.js';
import { RetentionRepository } from './retention.repository.js';

/** What is not of one namespace, or of no use to anybody. */
export interface Upkeep {
  /** Of messages that every group has read, where topics are in Postgres. */
  readonly messageDays: number;
  /** Of results that nobody asked for again. */
  readonly resultDays: number;
}

export const UPKEEP: Upkeep = { messageDays: 7, resultDays: 30 };

const BATCH = 1_000;
const DAY_MS = 86_400_000;

@Injectable()
export class RetentionService {
  private readonly logger = new Logger(RetentionService.name);

  constructor(
    private readonly retention: RetentionRepository,
    private readonly bus: EventBus,
    private readonly results: ResultCacheRepository,
    private readonly payloads: PayloadCollectionService,
    private readonly namespaces: NamespaceRetentionService,
  ) {}

  async run({ messageDays, resultDays }: Upkeep): Promise<void> {
    await this.forgetReadings();
    await this.bus.trimAll(new Date(Date.now() - messageDays * DAY_MS));
    await this.retention.deleteOrigins();
    await this.namespaces.runAll();
    while ((await this.results.deleteUnused(resultDays, BATCH)) === BATCH);
    await this.payloads.run();
  }

  /** Places of triggers that are gone: on Postgres they would hold messages for ever. A busy group is tried again. */
  private async forgetReadings(): Promise<void> {
    for (const reading of await this.retention.listForgotten()) {
      try {
        await this.bus.forget(reading);
        await this.retention.deleteForgotten(reading);
      } catch (error) {
        this.logger.warn(`Cannot forget ${reading.group} yet: ${String(error)}`);
      }
    }
  }
}
