import { Injectable } from '@nestjs/common';
import { AdvanceService } from '../executions/advance.service.js';
import type { Happening } from '../executions/advance.js';
import type { Changes } from '../executions/changes.js';
import { type Execution, isRedrivable } from '../executions/execution.js';
import { ExecutionsService } from '../executions/executions.service.js';
import { MapRunRepository } from '../map-runs/map-run.repository.js';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { ExecutionNotRedrivable } from './redrive.errors.js';
import { Redrive } from './redrive.js';
import { RedriveRepository } from './redrive.repository.js';

/** Lets an execution that did not succeed go on from where it failed. */
@Injectable()
export class RedriveService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly advance: AdvanceService,
    private readonly rows: RedriveRepository,
    private readonly mapRuns: MapRunRepository,
    private readonly workflows: WorkflowsService,
  ) {}

  async redrive(namespace: string, id: string): Promise<Execution> {
    const execution = await this.executions.get(namespace, id);
    if (!isRedrivable(execution)) throw new ExecutionNotRedrivable(id, reasonOf(execution));
    await this.redriveAny(id);
    return this.executions.get(namespace, id);
  }

  /** Children of a map run too, and nothing for what runs or has succeeded. */
  async redriveAny(id: string): Promise<void> {
    await this.advance.revive(id, (changes) => this.prepare(changes));
  }

  private async prepare(changes: Changes): Promise<readonly Happening[]> {
    const { execution, state } = changes;
    if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') return [];
    const { error: _error, cause: _cause, ...rest } = execution;
    const redriveCount = execution.redriveCount + 1;
    const redrivenAt = new Date();
    const ended = { error: undefined, cause: undefined, endedAt: undefined };
    state.execution = { ...rest, ...ended, status: 'RUNNING', redriveCount, redrivenAt };
    await this.tell(changes, redrivenAt);
    const redrive = new Redrive(changes, this.rows, this.mapRuns);
    await redrive.frame(0);
    await this.startTimeout(changes, redrivenAt);
    changes.afterwards.push(() =>
      this.rows.reopen(execution.id, { hasEnded: changes.ending !== undefined, at: redrivenAt }),
    );
    return redrive.happenings;
  }

  /** It follows the end of the execution, and what the root does then follows it. */
  private async tell(changes: Changes, at: Date): Promise<void> {
    const { state, execution } = changes;
    const { nextHistoryId } = state;
    const { redriveCount } = execution;
    const told = { type: 'ExecutionRedriven', details: { redriveCount }, previous: nextHistoryId - 1 };
    changes.record(0, [told], at);
    const root = state.frame(0) ?? (await this.rows.find(execution.id, 0));
    if (!root) return;
    state.put(root);
    changes.moveFrame(root, { ...root.state, lastEvent: nextHistoryId });
  }

  /** The time that it may take begins anew. */
  private async startTimeout(changes: Changes, from: Date): Promise<void> {
    const { workflowVersionId, machine } = changes.execution;
    const { definition } = await this.workflows.getVersion(workflowVersionId);
    const root = changes.state.frame(0);
    if (machine !== '' || definition.TimeoutSeconds === undefined || !root) return;
    const fireAt = new Date(from.getTime() + definition.TimeoutSeconds * 1_000);
    changes.startTimer(root, { step: 0, kind: 'execution', fireAt });
  }
}

function reasonOf({ status, mapRun }: Execution): string {
  if (status === 'RUNNING') return 'it runs';
  if (status === 'SUCCEEDED') return 'it has succeeded';
  return mapRun ? 'it goes on with its map run, when the execution of that is redriven' : 'it was redriven too often';
}
