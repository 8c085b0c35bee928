import { type Frame, machineAt, type StateMachine } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { Execution } from '../executions/execution.js';
import { ExecutionRepository } from '../executions/execution.repository.js';
import { FrameRepository } from '../executions/frame.repository.js';
import { WorkflowsService } from '../workflows/workflows.service.js';
import type { MapRun } from './map-run.js';

/** The state that waits for a map run, in its execution. */
export interface MapRunParent {
  readonly execution: Execution;
  readonly frame: Frame;
  readonly definition: StateMachine;
  /** JSON Pointer of what the children run. */
  readonly processor: string;
}

@Injectable()
export class MapRunParentsService {
  constructor(
    private readonly executions: ExecutionRepository,
    private readonly frames: FrameRepository,
    private readonly workflows: WorkflowsService,
  ) {}

  /** Undefined if nobody waits for the map run any more. */
  async find({ namespace, executionId, frameId, step }: MapRun): Promise<MapRunParent | undefined> {
    const execution = await this.executions.find(namespace, executionId);
    const stored = await this.frames.find(executionId, frameId);
    if (!execution || stored?.status !== 'RUNNING' || stored.state.step !== step) return undefined;
    const { definition } = await this.workflows.getVersion(execution.workflowVersionId);
    return { execution, frame: stored.state, definition, processor: processorOf(definition, stored.state) };
  }
}

function processorOf(definition: StateMachine, { machine, stateName }: Frame): string {
  const state = machineAt(definition, machine).States[stateName];
  const key = state && 'ItemProcessor' in state && state.ItemProcessor ? 'ItemProcessor' : 'Iterator';
  return [machine, 'States', stateName.replaceAll('~', '~0').replaceAll('/', '~1'), key].join('/');
}
