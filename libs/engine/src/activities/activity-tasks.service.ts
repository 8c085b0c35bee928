import { ChildAbort, Wakeups } from '@app/common';
import { ActivityTaskRepository, type Task } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { PayloadsService } from '../payloads/payloads.service.js';
import { newToken, tokenHash } from '../task-tokens/token.js';
import { ActivityNotFound } from './activities.errors.js';
import { hintFor } from './activity-hint.js';
import { ActivitiesService } from './activities.service.js';

export interface ActivityPoll {
  readonly workerName?: string | undefined;
  readonly limit: number;
  readonly waitMs: number;
}

/** A task for a worker, with the token that answers for it. */
export interface ActivityTask {
  readonly token: string;
  readonly task: Task;
}

/** Gives the tasks of activities to whoever polls for them. */
@Injectable()
export class ActivityTasksService {
  constructor(
    private readonly activities: ActivitiesService,
    private readonly tasks: ActivityTaskRepository,
    private readonly wakeups: Wakeups,
    private readonly payloads: PayloadsService,
  ) {}

  /** Waits for the first task; none after `waitMs`. */
  async poll(namespace: string, name: string, poll: ActivityPoll, signal?: AbortSignal): Promise<ActivityTask[]> {
    if (!(await this.activities.exists(namespace, name))) throw new ActivityNotFound(name);
    const deadline = Date.now() + poll.waitMs;
    for (;;) {
      const settled = new ChildAbort(signal);
      try {
        // Listening before looking: what comes in between is not missed. Hints may be lost: look now and then.
        const patience = Math.max(0, Math.min(deadline - Date.now(), 1_000 + Math.random() * 1_000));
        const hint = this.wakeups.wait(hintFor(namespace, name), patience, settled.signal);
        const tasks = await this.claim(namespace, name, poll, signal);
        if (tasks.length > 0 || signal?.aborted || Date.now() >= deadline) return tasks;
        await hint;
      } finally {
        settled.release();
      }
    }
  }

  private async claim(
    namespace: string,
    activity: string,
    { workerName, limit }: ActivityPoll,
    signal: AbortSignal | undefined,
  ): Promise<ActivityTask[]> {
    if (signal?.aborted) return [];
    const tokens = new Map(Array.from({ length: limit }, newToken).map((token) => [tokenHash(token), token]));
    const tasks = await this.tasks.claim({ namespace, activity, workerName, tokenHashes: [...tokens.keys()] });
    if (signal?.aborted) {
      await this.tasks.release(tasks);
      return [];
    }
    return Promise.all(
      tasks.map(async (task) => ({
        token: tokens.get(task.tokenHash ?? '') ?? '',
        task: await this.payloads.wholeTask(task),
      })),
    );
  }
}
