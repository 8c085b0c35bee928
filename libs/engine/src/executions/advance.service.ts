import { randomUUID } from 'node:crypto';
import { Database } from '@app/common';
import { initialFrame } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { Advance, type Happening, surroundings } from './advance.js';
import { Changes } from './changes.js';
import type { Execution } from './execution.js';
import { ExecutionStore } from './execution-store.js';
import { ExecutionReader } from './execution.reader.js';
import { TaskDispatchService } from './task-dispatch.service.js';

/** Moves executions on: what happened, what follows from it and the history of both, in one transaction. */
@Injectable()
export class AdvanceService {
  constructor(
    private readonly database: Database,
    private readonly reader: ExecutionReader,
    private readonly store: ExecutionStore,
    private readonly workflows: WorkflowsService,
    private readonly dispatch: TaskDispatchService,
  ) {}

  /** Stores a new execution and takes its first steps. False if the workflow has one of this name. */
  async begin(execution: Execution, timeoutSeconds: number | undefined): Promise<boolean> {
    return this.database.transaction(async () => {
      if (!(await this.store.insert(execution))) return false;
      const changes = new Changes({ ...execution, nextFrameId: 0 });
      const root = changes.createFrame({ parent: undefined, index: 0, status: 'RUNNING', state: initialFrame('') });
      if (timeoutSeconds !== undefined) {
        const fireAt = new Date(execution.startedAt.getTime() + timeoutSeconds * 1_000);
        changes.startTimer(root, { step: 0, kind: 'execution', fireAt });
      }
      const happened = { type: 'Started', input: execution.input } as const;
      await this.apply(execution, changes, [{ frameId: root.id, happened }]);
      return true;
    });
  }

  /** Joins the caller's transaction, if there is one. Happenings that come too late change nothing. */
  async advance(executionId: string, happenings: readonly Happening[]): Promise<void> {
    await this.database.transaction(async () => {
      const execution = await this.reader.lock(executionId);
      if (execution?.status === 'RUNNING') await this.apply(execution, new Changes(execution), happenings);
    });
  }

  /** For an execution whose row this transaction holds; what `changes` carries already is written with it. */
  private async apply(execution: Execution, changes: Changes, happenings: readonly Happening[]): Promise<void> {
    const { definition } = await this.workflows.getVersion(execution.workflowVersionId);
    const chance = { random: Math.random, uuid: randomUUID };
    const lookups = {
      ...this.reader.lookups(execution.id),
      frame: async (id: number) => changes.created.get(id) ?? this.reader.frame(execution.id, id),
      task: (frameId: number, command: Parameters<TaskDispatchService['taskFor']>[2]) =>
        this.dispatch.taskFor(execution, frameId, command),
    };
    const advance = new Advance(definition, surroundings(execution, Date.now(), chance), lookups, changes);
    await advance.run(happenings);
    await this.store.save(changes);
  }
}
