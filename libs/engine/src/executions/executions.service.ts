import { isDeepStrictEqual } from 'node:util';
import { Database } from '@app/common';
import { type Failure, initialFrame, type Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { WorkflowNotFound } from '../workflows/workflows.errors.js';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { AdvanceService } from './advance.service.js';
import { Changes } from './changes.js';
import type { Execution, StartedBy } from './execution.js';
import { type ExecutionFilter, ExecutionRepository } from './execution.repository.js';
import { ExecutionInputTooLarge, ExecutionNameTaken, ExecutionNotFound } from './executions.errors.js';
import { HistoryRepository, type StoredHistoryEvent } from './history.repository.js';

/** AWS Step Functions' quota for an input: 262,144 bytes of UTF-8. */
const MAX_INPUT_BYTES = 262_144;

export interface StartExecution {
  readonly input: Json;
  /** Makes the start idempotent: the same name with the same input is the same execution. */
  readonly name?: string;
  readonly version?: number;
  readonly startedBy?: StartedBy;
}

@Injectable()
export class ExecutionsService {
  constructor(
    private readonly database: Database,
    private readonly workflows: WorkflowsService,
    private readonly executions: ExecutionRepository,
    private readonly history: HistoryRepository,
    private readonly advance: AdvanceService,
  ) {}

  async start(
    namespace: string,
    workflow: string,
    { input, name, version, startedBy }: StartExecution,
  ): Promise<Execution> {
    const bytes = Buffer.byteLength(JSON.stringify(input));
    if (bytes > MAX_INPUT_BYTES) throw new ExecutionInputTooLarge(bytes, MAX_INPUT_BYTES);
    const found = await this.workflows.resolve(namespace, workflow, version);
    if (!found) throw new WorkflowNotFound(workflow);
    const id = uuid();
    const execution: Execution = {
      ...BLANK,
      id,
      namespace,
      workflow,
      workflowVersionId: found.id,
      version: found.version,
      name: name ?? id,
      input,
      startedBy,
      startedAt: new Date(),
    };
    return this.database.transaction(async () => {
      if (!(await this.executions.insert(execution))) return this.sameExecution(execution);
      await this.begin(execution, found.definition.TimeoutSeconds);
      return (await this.executions.find(namespace, id)) ?? ExecutionNotFound.raise(id);
    });
  }

  async get(namespace: string, id: string): Promise<Execution> {
    return (await this.executions.find(namespace, id)) ?? ExecutionNotFound.raise(id);
  }

  async list(namespace: string, filter: ExecutionFilter): Promise<Execution[]> {
    return this.executions.list(namespace, filter);
  }

  /** What happened, oldest first, from the event after number `after`. */
  async listHistory(namespace: string, id: string, after: number, limit: number): Promise<StoredHistoryEvent[]> {
    await this.get(namespace, id);
    return this.history.list(id, after, limit);
  }

  /** Ends a running execution and kills what it runs; one that has ended stays as it is. */
  async stop(namespace: string, id: string, { error, cause }: Partial<Failure> = {}): Promise<Execution> {
    await this.get(namespace, id);
    const failure = { error: error ?? '', cause: cause ?? '' };
    await this.advance.advance(id, [{ frameId: 0, happened: { type: 'Stopped', failure, status: 'ABORTED' } }]);
    return this.get(namespace, id);
  }

  private async begin(execution: Execution, timeoutSeconds: number | undefined): Promise<void> {
    const changes = new Changes({ ...execution, nextFrameId: 0 });
    const root = changes.createFrame({ parent: undefined, index: 0, status: 'RUNNING', state: initialFrame('') });
    if (timeoutSeconds !== undefined) {
      const fireAt = new Date(execution.startedAt.getTime() + timeoutSeconds * 1_000);
      changes.startTimer(root, { step: 0, kind: 'execution', fireAt });
    }
    await this.advance.apply(execution, changes, [
      { frameId: root.id, happened: { type: 'Started', input: execution.input } },
    ]);
  }

  private async sameExecution({ namespace, workflow, name, input }: Execution): Promise<Execution> {
    const existing = await this.executions.findByName(namespace, workflow, name);
    if (!existing) throw new ExecutionNotFound(name);
    if (!isDeepStrictEqual(existing.input, input)) throw new ExecutionNameTaken(workflow, name, existing.id);
    return existing;
  }
}

const BLANK = {
  status: 'RUNNING',
  output: undefined,
  error: undefined,
  cause: undefined,
  endedAt: undefined,
  nextFrameId: 1,
  nextHistoryId: 1,
} as const;
