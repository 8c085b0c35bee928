import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import type { Execution } from './execution.js';
import { ExecutionRepository } from './execution.repository.js';
import { FollowUpsService } from './follow-ups.service.js';
import { FrameRepository } from './frame.repository.js';
import { HistoryRepository } from './history.repository.js';

/** Writes what a step of an execution changed, and everything that follows from it. */
@Injectable()
export class ExecutionStore {
  constructor(
    private readonly executions: ExecutionRepository,
    private readonly frames: FrameRepository,
    private readonly history: HistoryRepository,
    private readonly followUps: FollowUpsService,
  ) {}

  /** False if the workflow has an execution of this name. */
  async insert(execution: Execution): Promise<boolean> {
    return this.executions.insert(execution);
  }

  /** Within the caller's transaction, which holds the execution's row. */
  async save(changes: Changes): Promise<void> {
    const { id } = changes.execution;
    await this.frames.insert(id, [...changes.created.values()]);
    await this.frames.save(id, [...changes.changed.values()]);
    await this.history.insert(id, changes.history);
    await this.followUps.save(changes);
    if (changes.ending) await this.executions.end(id, changes.ending);
    const { nextFrameId, nextHistoryId } = changes.counters;
    await this.executions.saveCounters(id, nextFrameId, nextHistoryId);
  }
}
