import { Database } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { UsageDay, UsageEntry, UsageFilter } from './usage.js';
import { UsageRepository } from './usage.repository.js';

/** What is told of a task after its end, such as what a killed one had used, is told within this time. */
const LAG_SECONDS = 30;

/**
 * What functions have used. Every row of the table "task" with an end counts, once, by itself: nobody has to report
 * it, and no end of a task waits for a counter. A task may be written with an end in the past, but not more than
 * ten seconds ago: what was rolled up is not looked at again.
 */
@Injectable()
export class UsageService {
  constructor(
    private readonly database: Database,
    private readonly usage: UsageRepository,
  ) {}

  /** Counts what is no task. In a transaction of the caller's, if there is one. */
  async record(entries: readonly UsageEntry[]): Promise<void> {
    if (entries.length > 0) await this.usage.insert(entries);
  }

  /** Adds what has ended since the last time, exactly once, whoever does it and whenever it dies. */
  async rollUp(lagSeconds = LAG_SECONDS): Promise<number> {
    return this.database.transaction(async () => {
      const span = await this.usage.lockMark(lagSeconds);
      return span ? this.usage.rollUp(span) : 0;
    });
  }

  async list(namespace: string, filter: UsageFilter): Promise<{ days: UsageDay[]; upTo: Date | null }> {
    const [days, upTo] = await Promise.all([this.usage.list(namespace, filter), this.usage.rolledUpTo()]);
    return { days, upTo };
  }
}
