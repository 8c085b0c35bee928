import { Wakeups } from '@app/common';
import { type InvocationEventData, type InvocationEventType, invocationEvent, type Json } from '@app/events';
import type { Task } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { FunctionsService } from '../functions/functions.service.js';
import { type InvocationListener, InvocationNews } from '../tasks/invocation-news.js';
import { LifecycleInterests } from './lifecycle-interests.service.js';
import { LIFECYCLE_TOPIC } from './lifecycle-recorder.service.js';
import { LifecycleRepository } from './lifecycle.repository.js';

const TYPES: Partial<Record<Task['status'], InvocationEventType>> = {
  SUCCEEDED: 'spool.invocation.succeeded',
  FAILED: 'spool.invocation.failed',
  TIMED_OUT: 'spool.invocation.timed_out',
  CANCELLED: 'spool.invocation.cancelled',
};

/** Writes down that runs of functions outside of executions have begun or ended, where somebody wants to know. */
@Injectable()
export class InvocationRecorder implements InvocationListener {
  constructor(
    news: InvocationNews,
    private readonly interests: LifecycleInterests,
    private readonly outbox: LifecycleRepository,
    private readonly functions: FunctionsService,
    private readonly wakeups: Wakeups,
  ) {
    news.listener = this;
  }

  isConcerned(namespace: string, functionName: string): boolean {
    return this.interests.isAny('functions', namespace, nameOf(functionName));
  }

  async begun(tasks: readonly Task[]): Promise<void> {
    await this.record(tasks, () => 'spool.invocation.started');
  }

  async ended(tasks: readonly Task[]): Promise<void> {
    await this.record(tasks, ({ status }) => TYPES[status]);
  }

  private async record(tasks: readonly Task[], typeOf: (task: Task) => InvocationEventType | undefined): Promise<void> {
    const rows = [];
    for (const task of tasks) {
      const type = typeOf(task);
      const { namespace, id: subjectId } = task;
      const lanes = type ? this.interests.lanes('functions', namespace, nameOf(task.resource), type) : [];
      if (!type || lanes.length === 0) continue;
      const event = await this.eventOf(task, type);
      for (const lane of lanes) rows.push({ lane, namespace, subjectId, event });
    }
    if (rows.length === 0) return;
    await this.outbox.insert(rows);
    this.wakeups.wake(LIFECYCLE_TOPIC);
  }

  private async eventOf(task: Task, type: InvocationEventType) {
    const version = await this.functions.getVersion(task.functionVersionId ?? '').catch(() => undefined);
    const isBegun = type === 'spool.invocation.started';
    const time = (isBegun ? task.startedAt : task.endedAt) ?? new Date();
    const data = { ...dataOf(task, isBegun), ...(version && { version: version.version }) };
    return invocationEvent(type, data, time.toISOString());
  }
}

const nameOf = (resource: string): string => resource.split(':', 1)[0] ?? resource;

/** A row that was written with its end, as those of the fast lane are, tells of its beginning without that. */
function dataOf(task: Task, isBegun: boolean): InvocationEventData {
  const { id: invocationId, attempt, payload, payloadRef, output, outputRef, startedAt, endedAt } = task;
  const omitted = [...(payloadRef ? ['input'] : []), ...(outputRef && !isBegun ? ['output'] : [])];
  const { error, cause } = task;
  return {
    invocationId,
    function: nameOf(task.resource),
    status: isBegun ? 'RUNNING' : task.status,
    attempt,
    lane: task.lane ?? 'queue',
    createdAt: task.createdAt.toISOString(),
    ...(startedAt && { startedAt: startedAt.toISOString() }),
    ...(!payloadRef && { input: payload as Json }),
    ...(omitted.length > 0 && { omitted }),
    ...(!isBegun && {
      ...(endedAt && { endedAt: endedAt.toISOString() }),
      ...(task.status === 'SUCCEEDED' && !outputRef && { output: (output ?? null) as Json }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    }),
  };
}
