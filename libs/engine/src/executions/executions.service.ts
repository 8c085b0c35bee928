import { isDeepStrictEqual } from 'node:util';
import type { Failure, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { AdvanceService } from './advance.service.js';
import type { Execution, ParentTask, StartedBy } from './execution.js';
import type { ExecutionFilter } from './execution-filter.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionAlreadyExists, ExecutionNotFound, HistoryDetailNotFound } from './executions.errors.js';
import { HistoryRepository, type StoredHistoryEvent } from './history.repository.js';
import { WaitsService } from './waits.service.js';

export interface StartExecution {
  readonly input: Json;
  /** Makes the start idempotent: the same name with the same input is the same execution, while it runs. */
  readonly name?: string;
  /** A version or an alias; the latest version, if neither is given here nor behind the workflow's name. */
  readonly qualifier?: number | string;
  readonly startedBy?: StartedBy;
  readonly parent?: ParentTask;
}

@Injectable()
export class ExecutionsService {
  constructor(
    private readonly workflows: WorkflowsService,
    private readonly executions: ExecutionRepository,
    private readonly history: HistoryRepository,
    private readonly advance: AdvanceService,
    private readonly waits: WaitsService,
  ) {}

  async start(
    namespace: string,
    /** NAME, NAME:VERSION or NAME:ALIAS. */
    workflow: string,
    wanted: StartExecution,
  ): Promise<Execution> {
    const named = wanted.qualifier === undefined ? workflow : `${workflow}:${wanted.qualifier}`;
    const found = await this.workflows.getQualified(namespace, named);
    const execution = newExecution(namespace, found, wanted);
    const started = await this.advance.start(execution, found.definition.TimeoutSeconds);
    return started ?? this.sameExecution(execution);
  }

  /** As `start`, of many that have no names, together: all of them, or none if it fails. */
  async startAll(
    namespace: string,
    workflow: string,
    wanted: readonly Omit<StartExecution, 'name' | 'qualifier'>[],
  ): Promise<Execution[]> {
    const found = await this.workflows.getQualified(namespace, workflow);
    const executions = wanted.map((one) => newExecution(namespace, found, one));
    const areNew = await this.advance.startAll(executions, found.definition.TimeoutSeconds);
    if (!areNew) throw new Error('Some of the executions had begun before');
    return executions;
  }

  async get(namespace: string, id: string): Promise<Execution> {
    return (await this.executions.find(namespace, id)) ?? ExecutionNotFound.raise(id);
  }

  async getByName({
    namespace,
    workflow,
    name,
  }: Pick<Execution, 'namespace' | 'workflow' | 'name'>): Promise<Execution> {
    return (await this.executions.findByName(namespace, workflow, name)) ?? ExecutionNotFound.raise(name);
  }

  /** As in a list: without its large values. */
  async getBare(namespace: string, id: string): Promise<Execution> {
    return (await this.executions.findBare(namespace, id)) ?? ExecutionNotFound.raise(id);
  }

  async list(namespace: string, filter: ExecutionFilter): Promise<Execution[]> {
    return this.executions.list(namespace, filter);
  }

  /** The execution as it is when it has ended, or after `waitMs`. */
  async wait(namespace: string, id: string, waitMs: number, signal?: AbortSignal): Promise<Execution> {
    return this.executions.withValues(await this.waits.wait(namespace, id, waitMs, signal));
  }

  /** As `wait`, without its large values. */
  async waitBare(namespace: string, id: string, waitMs: number, signal?: AbortSignal): Promise<Execution> {
    return this.waits.wait(namespace, id, waitMs, signal);
  }

  /** What happened, oldest first, from the event after number `after`. */
  async listHistory(namespace: string, id: string, after: number, limit: number): Promise<StoredHistoryEvent[]> {
    await this.getBare(namespace, id);
    return this.history.list(id, after, limit);
  }

  /** The newest first: those before the event of that number, or from the end. */
  async listHistoryBackwards(
    namespace: string,
    id: string,
    before: number | undefined,
    limit: number,
  ): Promise<StoredHistoryEvent[]> {
    await this.getBare(namespace, id);
    const last = before === undefined ? await this.history.findLastId(id) : before - 1;
    // They are numbered without gaps.
    const after = Math.max(0, last - limit);
    return (await this.history.list(id, after, last - after)).toReversed();
  }

  /** One value of the history, wherever it is. */
  async getDetail(
    namespace: string,
    id: string,
    { event, name }: { readonly event: number; readonly name: string },
  ): Promise<Json> {
    await this.getBare(namespace, id);
    return (await this.history.findDetail(id, event, name)) ?? HistoryDetailNotFound.raise(id, event, name);
  }

  /** Ends a running execution and kills what it runs; one that has ended stays as it is. */
  async stop(namespace: string, id: string, { error, cause }: Partial<Failure> = {}): Promise<Execution> {
    await this.get(namespace, id);
    const failure = { error: error ?? '', cause: cause ?? '' };
    await this.advance.advance(id, [{ frameId: 0, happened: { type: 'Stopped', failure, status: 'ABORTED' } }]);
    return this.get(namespace, id);
  }

  /**
   * As on AWS, the same start again is the same execution while it runs. A trigger may come again much later: an event
   * that is delivered twice must not start two, nor end as a dead letter.
   */
  private async sameExecution({ namespace, workflow, name, input, startedBy }: Execution): Promise<Execution> {
    const existing = await this.getByName({ namespace, workflow, name });
    const mayBe = existing.status === 'RUNNING' || startedBy !== undefined;
    if (!mayBe || !isDeepStrictEqual(existing.input, input)) throw new ExecutionAlreadyExists(existing);
    return existing;
  }
}

function newExecution(
  namespace: string,
  found: Awaited<ReturnType<WorkflowsService['getQualified']>>,
  { input, name, startedBy, parent }: StartExecution,
): Execution {
  const id = uuid();
  // Field by field, which costs a fifth of putting it together from `NEW_EXECUTION`.
  return {
    id,
    namespace,
    workflow: found.workflowName,
    workflowVersionId: found.id,
    version: found.version,
    name: name ?? id,
    status: 'RUNNING',
    input,
    output: undefined,
    refs: undefined,
    error: undefined,
    cause: undefined,
    startedBy,
    parent,
    alias: found.alias,
    machine: '',
    mapRun: undefined,
    rerunOf: undefined,
    redriveCount: 0,
    redrivenAt: undefined,
    startedAt: new Date(),
    endedAt: undefined,
  };
}
