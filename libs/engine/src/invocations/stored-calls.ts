import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { LanesService } from '../fast-lane/lanes.service.js';
import { StoredTasks } from '../tasks/stored-tasks.js';

/** Within this many looks, each so long after the other, a record is stored by whichever process has it. */
const LOOKS = 8;
const LOOK_MS = 250;

/** Runs of functions, of which those that went past the queue are stored a moment after their answer. */
@Injectable()
export class StoredCalls {
  constructor(
    readonly tasks: StoredTasks,
    private readonly lanes: LanesService,
  ) {}

  /** Waits for a record that may be on its way: whoever was told an id can ask for it. */
  async find(id: string): Promise<Task | undefined> {
    const task = await this.tasks.find(id);
    const mayHaveEnded = task?.lane === 'fast' && task.status === 'RUNNING';
    if (!mayHaveEnded && (task || !isNew(id))) return task;
    await this.lanes.settleRecord(id);
    if (task) return this.tasks.find(id);
    for (let looks = 0; looks < LOOKS; looks++) {
      const found = await this.tasks.find(id);
      if (found || !isNew(id)) return found;
      await sleep(LOOK_MS);
    }
    return this.tasks.find(id);
  }
}

/** Made within the last moments: ids are UUIDs of version 7, which begin with their time. */
function isNew(id: string): boolean {
  const ageMs = Date.now() - Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  return id[14] === '7' && ageMs < LOOK_MS * LOOKS;
}
