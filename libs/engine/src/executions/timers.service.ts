import { Database } from '@app/common';
import type { Happened } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AdvanceService } from './advance.service.js';
import { ExecutionReader } from './execution.reader.js';
import { HeartbeatRepository } from './heartbeat.repository.js';
import { type DueTimer, TimerRepository } from './timer.repository.js';

const LEASE_SECONDS = 30;

/** Fires what is due: ends of waits and back-offs, timeouts of states and of executions. */
@Injectable()
export class TimersService {
  constructor(
    private readonly database: Database,
    private readonly timers: TimerRepository,
    private readonly reader: ExecutionReader,
    private readonly advance: AdvanceService,
    private readonly heartbeats: HeartbeatRepository,
  ) {}

  /** How many were fired; fewer than `limit` means that no more are due. */
  async fireDue(limit: number): Promise<number> {
    const due = await this.timers.claim(limit, LEASE_SECONDS);
    for (const timer of due) await this.fire(timer);
    return due.length;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.timers.nextInMs();
  }

  private async fire(timer: DueTimer): Promise<void> {
    const { executionId, frameId } = timer;
    await this.database.transaction(async () => {
      // The execution's row first, as everybody does: who holds it may be deleting this timer.
      await this.reader.lock(executionId);
      if (!(await this.timers.deleteOne(executionId, timer))) return;
      const later = timer.kind === 'heartbeat' && (await this.heartbeats.findNextDue(executionId, timer));
      if (later) return this.timers.insert(executionId, [{ ...timer, fireAt: later }]);
      await this.advance.advance(executionId, [{ frameId, happened: toHappened(timer) }]);
    });
  }
}

function toHappened({ step, kind }: DueTimer): Happened {
  if (kind !== 'execution') return { type: 'TimerFired', step, kind };
  return {
    type: 'Stopped',
    status: 'TIMED_OUT',
    failure: { error: 'States.Timeout', cause: 'The execution ran longer than its TimeoutSeconds' },
  };
}
