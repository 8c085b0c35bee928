import { Wakeups } from '@app/common';
import { type TaskRef, TaskRepository } from '@app/queue';
import type { LogLines, TaskResult } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { type NewLogLine, TaskLogRepository } from './task-log.repository.js';
import { TaskResultsService } from './task-results.service.js';

/** Results of one exchange that are taken at the same time, each on a connection of its own. */
const LANES = 4;

/** What comes in from executors about the tasks they hold. */
@Injectable()
export class TaskIntakeService {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly results: TaskResultsService,
    private readonly log: TaskLogRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Gives back those that were refused. */
  async accept(results: readonly TaskResult[]): Promise<TaskRef[]> {
    const refused: TaskRef[] = [];
    const pending = [...results];
    const lane = async (): Promise<void> => {
      for (let result = pending.shift(); result; result = pending.shift()) {
        if (!(await this.results.accept(result))) refused.push({ id: result.id, attempt: result.attempt });
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, results.length) }, lane));
    return refused;
  }

  async progressed(refs: readonly TaskRef[]): Promise<void> {
    for (const { id } of refs) {
      this.wakeups.wake(`invocation:${id}`);
      const executionId = (await this.tasks.find(id))?.waiter?.executionId;
      if (executionId) this.wakeups.wake(`execution:${executionId}`);
    }
  }

  async logs(id: string, { attempt, lines }: LogLines): Promise<void> {
    await this.log.insert({ id, attempt }, lines as NewLogLine[]);
    this.wakeups.wake(`invocation:${id}`);
  }
}
