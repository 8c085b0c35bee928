import { type Task, type TaskRef, TaskRepository } from '@app/queue';
import type { OpenedResult, TaskResult } from '@app/worker-api';
import { type Failure, type Json, measure, resultTooLarge } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadsService } from '../payloads/payloads.service.js';
import { TaskResultObjects } from '../payloads/task-result-objects.js';
import { LeaseLost } from './tasks.errors.js';

type Succeeded = Extract<TaskResult, { status: 'SUCCEEDED' }>;

/** The values that functions give back: in the exchange, or by way of the object store if they are large. */
@Injectable()
export class ResultValues {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly payloads: PayloadsService,
    private readonly objects: TaskResultObjects,
  ) {}

  /** Where to put a large result; nowhere, if it is larger than a value may be. */
  async open(id: string, { attempt, bytes }: { attempt: number; bytes: number }): Promise<OpenedResult> {
    const task = await this.tasks.find(id);
    if (task?.status !== 'RUNNING' || task.attempt !== attempt) throw new LeaseLost(id, attempt);
    return bytes > this.payloads.maxBytes ? {} : { object: await this.objects.open(task) };
  }

  /** Puts a large one where rows will refer to it; a value that cannot be taken is a failure of the function. */
  async take(task: Task, { id, attempt, output, stored }: Succeeded): Promise<{ output: Json } | { failure: Failure }> {
    const { maxBytes } = this.payloads;
    if (stored && (stored.key === undefined || stored.bytes > maxBytes)) return this.tooLarge(task, stored.bytes);
    const read = stored?.key === undefined ? undefined : await this.objects.read({ id, attempt }, stored.key, maxBytes);
    if (read && 'bytes' in read) return this.tooLarge(task, read.bytes);
    if (stored && !read) return { failure: invalid('is not in the object store, or is no JSON') };
    const value = read ? read.output : (output as Json);
    const { bytes, isStorable } = measure(value, maxBytes);
    if (bytes > maxBytes) return this.tooLarge(task, Buffer.byteLength(JSON.stringify(value)));
    if (!isStorable)
      return {
        failure: invalid('has a string with a NUL character or half of a surrogate pair, which cannot be stored'),
      };
    await this.payloads.store(task.namespace, [value]);
    return { output: value };
  }

  /** The result was taken or refused, and will not be asked for again. */
  async forget(ref: TaskRef, { stored }: Pick<Succeeded, 'stored'>): Promise<void> {
    if (stored?.key !== undefined) await this.objects.remove(ref, stored.key);
  }

  private tooLarge({ resultShape, resource, waiter }: Task, bytes: number): { failure: Failure } {
    const own = `The function's result is ${bytes} bytes long; at most ${this.payloads.maxBytes} are allowed`;
    const worker = resultShape === 'lambda' ? 'lambda' : `function:${resource}`;
    return { failure: { error: 'States.DataLimitExceeded', cause: waiter ? resultTooLarge(worker) : own } };
  }
}

const invalid = (what: string): Failure => ({
  error: 'Function.InvalidResponse',
  cause: `The function's result ${what}`,
});
