import { InvalidRequest, isStorable, Wakeups } from '@app/common';
import type { Task, TaskFilter } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { NewAsynchronousCall } from '../asynchronous/asynchronous-call.repository.js';
import { FunctionNotFound } from '../functions/functions.errors.js';
import { FunctionsService } from '../functions/functions.service.js';
import { objectReferences, placedBy } from '../functions/object-references.js';
import { LogsService } from '../logs/logs.service.js';
import type { LogLine } from '../tasks/task-log.repository.js';
import { requirementsOf } from '../placement/requirements.js';
import { InvocationNotFound } from './invocations.errors.js';
import { NewInvocations } from './new-invocations.js';
import { StoredCalls } from './stored-calls.js';

const RECHECK_MS = 1_000;
const OPEN = new Set(['QUEUED', 'RUNNING', 'PUBLISHING']);

export const NOT_STORABLE = { pointer: '', message: 'has a NUL character or half of a surrogate pair' };

export interface Invoke {
  readonly input: Json;
  readonly qualifier?: string | undefined;
  /** It runs, whatever is known of its result. */
  readonly skipCache?: boolean;
  /** JSON, for the function's context. */
  readonly clientContext?: string | undefined;
  /** Nobody waits for it. */
  readonly asynchronous?: NewAsynchronousCall | undefined;
}

/** Running a function without a workflow around it, and looking at every run of one. */
@Injectable()
export class InvocationsService {
  constructor(
    private readonly functions: FunctionsService,
    private readonly newTasks: NewInvocations,
    private readonly calls: StoredCalls,
    private readonly log: LogsService,
    private readonly wakeups: Wakeups,
  ) {}

  async invoke(namespace: string, name: string, wanted: Invoke): Promise<Task> {
    const { input, qualifier, skipCache, clientContext, asynchronous } = wanted;
    const version = await this.functions.resolve(namespace, name, qualifier);
    if (!version) throw new FunctionNotFound(qualifier ? `${name}:${qualifier}` : name);
    if (!isStorable(input)) throw new InvalidRequest([NOT_STORABLE]);
    const references = objectReferences(version.config, input);
    if ('error' in references) throw new InvalidRequest([{ pointer: '', message: references.cause }]);
    const id = uuid();
    const { timeoutSeconds } = version.config;
    const requirements = { ...requirementsOf(version.config), inputKey: placedBy(references), timeoutSeconds };
    const task = {
      id,
      namespace,
      kind: 'function',
      resource: name,
      functionVersionId: version.id,
      payload: input,
      // What is known of its result is of the event alone.
      ...((skipCache || clientContext !== undefined) && { skipCache: true }),
      clientContext,
    } as const;
    const first = await this.newTasks.insert({ ...task, ...requirements }, asynchronous);
    this.wakeups.wake('tasks:function');
    return this.get(namespace, first);
  }

  async get(namespace: string, id: string): Promise<Task> {
    const task = await this.calls.find(id);
    if (task?.namespace !== namespace || task.kind !== 'function') throw new InvocationNotFound(id);
    return this.calls.tasks.whole(task);
  }

  async list(namespace: string, filter: TaskFilter): Promise<Task[]> {
    return this.calls.tasks.list(namespace, filter);
  }

  /** The invocation as it is when it has ended, or after `waitMs`. */
  async wait(namespace: string, id: string, waitMs: number, signal?: AbortSignal): Promise<Task> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const hint = this.wakeups.wait(
        `invocation:${id}`,
        Math.max(0, Math.min(RECHECK_MS, deadline - Date.now())),
        signal,
      );
      const task = await this.get(namespace, id);
      if (!OPEN.has(task.status) || Date.now() >= deadline || signal?.aborted) return task;
      await hint;
    }
  }

  async listLogs(namespace: string, id: string, after: string, limit: number): Promise<LogLine[]> {
    await this.get(namespace, id);
    return this.log.list(id, after, limit);
  }

  /** Kills it if it runs. One that belongs to an execution is ended by stopping the execution. */
  async cancel(namespace: string, id: string): Promise<Task> {
    const task = await this.get(namespace, id);
    if (task.waiter) {
      throw new InvalidRequest([
        { pointer: '', message: `it belongs to the execution ${task.waiter.executionId}: stop that` },
      ]);
    }
    const cancelled = await this.calls.tasks.cancel(id);
    if (cancelled?.executorId) this.wakeups.wake(`executor:${cancelled.executorId}`);
    if (cancelled) this.wakeups.wake(`invocation:${id}`);
    return this.get(namespace, id);
  }
}
