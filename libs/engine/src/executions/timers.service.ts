import type { Happened } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AdvanceService } from './advance.service.js';
import { HeartbeatRepository } from './heartbeat.repository.js';
import { type DueTimer, type TimerKey, TimerRepository } from './timer.repository.js';

const LEASE_SECONDS = 30;

/** Fires what is due: ends of waits and back-offs, timeouts of states and of executions. */
@Injectable()
export class TimersService {
  constructor(
    private readonly timers: TimerRepository,
    private readonly advance: AdvanceService,
    private readonly heartbeats: HeartbeatRepository,
  ) {}

  /** How many were fired; fewer than `limit` means that no more are due. */
  async fireDue(limit: number): Promise<number> {
    const due = await this.timers.claim(limit, LEASE_SECONDS);
    await Promise.all(due.map((timer) => this.fire(timer)));
    return due.length;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.timers.nextInMs();
  }

  private async fire({ executionId, ...timer }: DueTimer): Promise<void> {
    const { frameId } = timer;
    if (timer.kind === 'heartbeat' && (await this.putOff(executionId, timer))) return;
    const happenings = [{ frameId, happened: toHappened(timer) }];
    await this.advance.advanceBehind({ type: 'timer', timer }, executionId, happenings);
  }

  /** The work has shown a sign of life since the timer was set. */
  private async putOff(executionId: string, timer: TimerKey): Promise<boolean> {
    const later = await this.heartbeats.findNextDue(executionId, timer);
    if (later) await this.timers.move(executionId, { ...timer, fireAt: later });
    return later !== undefined;
  }
}

function toHappened({ step, kind }: TimerKey): Happened {
  if (kind !== 'execution') return { type: 'TimerFired', step, kind };
  return {
    type: 'Stopped',
    status: 'TIMED_OUT',
    failure: { error: 'States.Timeout', cause: 'The execution ran longer than its TimeoutSeconds' },
  };
}
