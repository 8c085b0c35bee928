import { Database, Wakeups } from '@app/common';
import { TaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { InvocationNews } from '../tasks/invocation-news.js';
import { AsynchronousCallRepository } from './asynchronous-call.repository.js';

/** Ends tasks that nobody has begun. */
@Injectable()
export class AsynchronousEndings {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskRepository,
    private readonly calls: AsynchronousCallRepository,
    private readonly wakeups: Wakeups,
    private readonly news: InvocationNews,
  ) {}

  async expire(limit: number, failure: { error: string; cause: string }): Promise<number> {
    return this.database.transaction(async () => {
      const expired = await this.calls.lockExpired(limit);
      for (const id of expired) {
        await this.tasks.end(id, { status: 'FAILED', ...failure });
        await this.calls.conclude(id);
        this.wakeups.wake(`invocation:${id}`);
      }
      await this.news.ended(expired);
      if (expired.length > 0) this.wakeups.wake('destinations');
      return expired.length;
    });
  }
}
