import { type Task, TaskQueueRepository, type TaskRef } from '@app/queue';
import type { Poll } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { WorkersOptions } from './workers.options.js';

/** What an executor did not mention this long after it was given has never reached it. */
const UNMENTIONED_SECONDS = 2;

/** What executors hold: renewed while they say so, given out when it fits. */
@Injectable()
export class LeasesService {
  constructor(
    private readonly queue: TaskQueueRepository,
    private readonly options: WorkersOptions,
  ) {}

  /** Renews what the executor says it runs; gives back what it no longer holds, to be killed. */
  async renew(executorId: string, running: Poll['running']): Promise<TaskRef[]> {
    const held = await this.queue.extend(executorId, running, this.options.leaseSeconds);
    if (held.length === running.length) return [];
    // A request that waits knows nothing of what another one has reported since.
    const fine = new Set([...held.map(({ id }) => id), ...(await this.queue.listReported(running))]);
    return running.filter(({ id }) => !fine.has(id)).map(({ id, attempt }) => ({ id, attempt }));
  }

  /** Tasks for an executor: those whose giving was lost on the way, or new ones that fit what is free. */
  async claim(executorId: string, labels: readonly string[], { free, running, results }: Poll): Promise<Task[]> {
    const mentioned = [...running, ...results].map(({ id }) => id);
    const unmentioned = await this.queue.listUnmentioned(executorId, mentioned, UNMENTIONED_SECONDS);
    if (unmentioned.length > 0 || free.slots === 0) return unmentioned;
    const { leaseSeconds } = this.options;
    const { slots: limit, memoryMb, vcpu } = free;
    return this.queue.claim({ kind: 'function', labels, limit, memoryMb, vcpu, executorId, leaseSeconds });
  }

  /** Makes what executors of this name held due at once; for one that is known to be dead. */
  async release(executorName: string): Promise<number> {
    return this.queue.release(executorName);
  }
}
