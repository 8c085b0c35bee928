import { Wakeups } from '@app/common';
import { type TaskRef, TaskRepository } from '@app/queue';
import type { LogLines, TaskResult } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { type NewLogLine, TaskLogRepository } from './task-log.repository.js';
import { TaskResultsService } from './task-results.service.js';

/** Results with outputs of one exchange that are taken at the same time, each on a connection of its own. */
const LANES = 4;

const isPlain = (result: TaskResult): boolean => result.status !== 'SUCCEEDED' || result.outputs.length === 0;

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
    const take = async (result: TaskResult): Promise<void> => {
      if (!(await this.results.accept(result))) refused.push({ id: result.id, attempt: result.attempt });
    };
    // What only ends a task goes together; what has outputs is moved in the store, some at a time.
    const pending = results.filter((result) => !isPlain(result));
    const lane = async (): Promise<void> => {
      for (let result = pending.shift(); result; result = pending.shift()) await take(result);
    };
    const lanes = Array.from({ length: Math.min(LANES, pending.length) }, lane);
    await Promise.all([...results.filter(isPlain).map(take), ...lanes]);
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
