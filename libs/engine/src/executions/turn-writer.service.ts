import { Database } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { FollowUpsService } from './follow-ups.service.js';
import { KnownExecutions } from './known-executions.js';
import { TurnRepository } from './turn.repository.js';

/** Writes what turns have come to, and everything that follows from it. */
@Injectable()
export class TurnWriter {
  constructor(
    private readonly database: Database,
    private readonly turns: TurnRepository,
    private readonly followUps: FollowUpsService,
    private readonly known: KnownExecutions,
  ) {}

  /**
   * The executions that could not begin, as there is one of their name. Undefined if nothing was written: something
   * has changed since it was read.
   */
  async write(batch: readonly Changes[]): Promise<ReadonlySet<string> | undefined> {
    if (!batch.some((changes) => this.followUps.isNeeded(changes))) return this.writeRows(batch);
    return this.database.transaction(() => this.writeRows(batch));
  }

  private async writeRows(batch: readonly Changes[]): Promise<ReadonlySet<string> | undefined> {
    const { done, refused } = await this.turns.write(batch);
    if (!done) return undefined;
    const left = new Set(refused);
    const written = batch.filter(({ execution }) => !left.has(execution.id));
    const following = written.filter((changes) => this.followUps.isNeeded(changes));
    if (following.length > 0) await this.followUps.save(following);
    this.followUps.hint(written);
    this.database.afterCommit(() => {
      for (const changes of written) this.known.put(changes);
    });
    return left;
  }
}
