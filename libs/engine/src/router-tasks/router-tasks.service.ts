import { type Task, type TaskKind, TaskQueueRepository } from '@app/queue';
import { Injectable, Logger } from '@nestjs/common';
import { ChildWorkflowsService } from '../child-workflows/child-workflows.service.js';
import { StoppedChildrenService } from '../child-workflows/stopped-children.service.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { ObjectTasksService } from '../object-tasks/object-tasks.service.js';

const LEASE_SECONDS = 30;
/** Tasks that are done at the same time, each on a connection of its own. */
const LANES = 4;

export const ROUTER_TASK_KINDS = ['workflow', 'stop', 'object'] as const;
export type RouterTaskKind = (typeof ROUTER_TASK_KINDS)[number];

/** Does the tasks of states that need neither an executor nor anybody outside. */
@Injectable()
export class RouterTasksService {
  private readonly logger = new Logger(RouterTasksService.name);
  private readonly work: Readonly<Record<RouterTaskKind, (task: Task) => Promise<void>>>;

  constructor(
    private readonly queue: TaskQueueRepository,
    private readonly payloads: PayloadsService,
    children: ChildWorkflowsService,
    stopped: StoppedChildrenService,
    objects: ObjectTasksService,
  ) {
    this.work = {
      workflow: (task) => children.run(task),
      stop: (task) => stopped.run(task),
      object: (task) => objects.run(task),
    };
  }

  /** How many were taken. One that could not be done now is tried again when its lease is over. */
  async runDue(kind: RouterTaskKind & TaskKind, limit: number): Promise<number> {
    const none = { labels: [], memoryMb: 0, vcpu: 0 };
    const due = await this.queue.claim({ kind, limit, ...none, leaseSeconds: LEASE_SECONDS });
    const pending = [...due];
    const lane = async (): Promise<void> => {
      for (let task = pending.shift(); task; task = pending.shift()) await this.run(kind, task);
    };
    await Promise.all(Array.from({ length: Math.min(LANES, due.length) }, lane));
    return due.length;
  }

  private async run(kind: RouterTaskKind, task: Task): Promise<void> {
    try {
      await this.work[kind](await this.payloads.wholeTask(task));
    } catch (error) {
      this.logger.warn(`The ${kind} task ${task.id} could not be done now: ${String(error)}`);
    }
  }
}
