import { randomUUID } from 'node:crypto';
import { type Happened, type HistoryEvent, initialFrame } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadOptions } from '../payloads/payload-options.js';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { Advance, type Happening, surroundings } from './advance.js';
import { Changes } from './changes.js';
import { CommandHandlers } from './command-handlers.js';
import { ExecutionState } from './execution-state.js';
import type { Execution } from './execution.js';
import { ExecutionReader } from './execution.reader.js';
import { TaskDispatchService } from './task-dispatch.service.js';
import type { Beginning, EntryPoint, Happenings } from './turn.js';

/** Decides what becomes of executions. Nothing is written here. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly reader: ExecutionReader,
    private readonly workflows: WorkflowsService,
    private readonly dispatch: TaskDispatchService,
    private readonly handlers: CommandHandlers,
    private readonly limits: PayloadOptions,
  ) {}

  async begin({ execution, timeoutSeconds, from }: Beginning): Promise<Changes> {
    const state = new ExecutionState(execution, 0, 0, 1);
    const changes = new Changes(state, true);
    const blank = initialFrame(execution.machine);
    const frame = from ? ({ ...blank, ...from, step: 1, waiting: 'yield' } as const) : blank;
    const root = changes.createFrame({ parent: undefined, index: 0, status: 'RUNNING', state: frame });
    if (timeoutSeconds !== undefined) {
      const fireAt = new Date(execution.startedAt.getTime() + timeoutSeconds * 1_000);
      changes.startTimer(root, { step: 0, kind: 'execution', fireAt });
    }
    if (from) changes.record(root.id, [startedAt(execution, from)], execution.startedAt);
    const happened: Happened = from
      ? { type: 'TimerFired', step: 1, kind: 'yield' }
      : { type: 'Started', input: execution.input };
    await this.advance(changes, [{ frameId: root.id, happened }]);
    if (changes.ending) state.execution = { ...execution, ...changes.ending, endedAt: new Date() };
    return changes;
  }

  /** Turns that come too late change nothing, but their fences end. */
  async move(state: ExecutionState, turns: readonly Happenings[]): Promise<Changes> {
    const changes = new Changes(state, false);
    for (const { fence } of turns) if (fence) changes.fences.push(fence);
    const revived: Happening[] = [];
    for (const { revive } of turns) if (revive) revived.push(...(await revive(changes)));
    if (state.execution.status !== 'RUNNING') return changes;
    await this.advance(changes, [...revived, ...turns.flatMap(({ happenings }) => happenings)]);
    return changes;
  }

  private async advance(changes: Changes, happenings: readonly Happening[]): Promise<void> {
    const { execution } = changes;
    const { definition } = await this.workflows.getVersion(execution.workflowVersionId);
    const { frame, child, running, outputs } = this.reader.lookups(execution.id);
    const lookups = {
      frame,
      child,
      running,
      outputs,
      task: (frameId: number, command: Parameters<TaskDispatchService['taskFor']>[2]) =>
        this.dispatch.taskFor(execution, frameId, command),
      handle: (...asked: Parameters<CommandHandlers['handle']>) => this.handlers.handle(...asked),
    };
    const around = surroundings(execution, Date.now(), {
      random: Math.random,
      uuid: randomUUID,
      maxDataBytes: this.limits.maxBytes,
    });
    await new Advance(definition, around, lookups, changes).run(happenings);
  }
}

/** The interpreter, which is not asked to start it, does not say that it was started. */
const startedAt = ({ input, rerunOf }: Execution, { stateName }: EntryPoint): HistoryEvent => ({
  type: 'ExecutionStarted',
  details: { input, rerunFrom: stateName, ...(rerunOf !== undefined && { rerunOf }) },
});
