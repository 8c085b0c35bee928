import type { Task } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { WaitingRepository } from './waiting.repository.js';
import { type WaitReason, whyWaiting } from './why-waiting.js';

export interface Wait {
  readonly since: Date;
  /** Tasks of the same function that come before it. */
  readonly ahead: number;
  readonly reasons: readonly WaitReason[];
}

/** Says of a task in the queue what it waits for. */
@Injectable()
export class WaitingService {
  constructor(private readonly repository: WaitingRepository) {}

  /** Undefined of one that does not wait. */
  async explain(task: Task): Promise<Wait | undefined> {
    if (task.status !== 'QUEUED' || task.kind !== 'function') return undefined;
    const facts = await this.repository.find(task.id);
    if (!facts) return undefined;
    const { since, ahead, maxRunning, sameWorkAs } = facts;
    const waiting = { ...facts, task, maxRunning: maxRunning ?? undefined, sameWorkAs: sameWorkAs ?? undefined };
    return { since, ahead, reasons: whyWaiting(waiting, await this.repository.listPlaces()) };
  }
}
