import { isStorable, storableText } from '@app/common';
import { Injectable } from '@nestjs/common';
import { type Task, TaskRepository } from '@app/queue';
import type { Json } from '@app/workflow';
import type { TaskResult } from '@app/worker-api';
import { TaskCompletionService } from './task-completion.service.js';
import { TaskOutputsService } from './task-outputs.service.js';
import { TaskUploadsService } from './task-uploads.service.js';

type Succeeded = Extract<TaskResult, { status: 'SUCCEEDED' }>;
type Failed = Exclude<TaskResult, Succeeded>;

/** AWS Step Functions' quota for a state's output: 262,144 bytes of UTF-8. */
const MAX_OUTPUT_BYTES = 262_144;
const PUBLISH_LEASE_SECONDS = 60;

/** Takes what executors report, if they still may. */
@Injectable()
export class TaskResultsService {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly uploads: TaskUploadsService,
    private readonly outputs: TaskOutputsService,
    private readonly completion: TaskCompletionService,
  ) {}

  /** False if the attempt no longer holds the task: its result is not taken and its outputs are thrown away. */
  async accept(result: TaskResult): Promise<boolean> {
    const task = await this.tasks.find(result.id);
    if (!task) return false;
    const taken = result.status === 'SUCCEEDED' ? await this.succeeded(task, result) : await this.failed(task, result);
    if (!taken) await this.tasks.saveReport(result, { usage: result.usage });
    if (!taken || result.status !== 'SUCCEEDED') await this.uploads.abortAll(result);
    return taken;
  }

  private async succeeded(task: Task, result: Succeeded): Promise<boolean> {
    const report = { usage: result.usage, outputs: await this.uploads.describe(task, result.outputs) };
    const bytes = Buffer.byteLength(JSON.stringify(result.output));
    if (bytes > MAX_OUTPUT_BYTES) return this.tooLarge(task, result, bytes);
    if (!isStorable(result.output)) return this.refuseOutput(task, result);
    const held = await this.completion.fenced(
      task,
      () => this.tasks.hold(result),
      async (locked) => {
        if (result.outputs.length === 0) {
          await this.completion.succeed(locked, result.output as Json, { report });
          return locked;
        }
        await this.uploads.filled(result, result.outputs);
        await this.tasks.savePublishing(result, result.output, report, PUBLISH_LEASE_SECONDS);
        return locked;
      },
    );
    if (held && result.outputs.length > 0) await this.outputs.publish({ ...held, output: result.output });
    return held !== undefined;
  }

  private async failed(task: Task, { status, usage, id, attempt, ...failure }: Failed): Promise<boolean> {
    const error = storableText(failure.error);
    const cause = storableText(failure.cause);
    const held = await this.completion.fenced(
      task,
      () => this.tasks.hold({ id, attempt }),
      async (locked) => {
        await this.completion.fail(locked, { error, cause }, { status, report: { usage } });
        return locked;
      },
    );
    return held !== undefined;
  }

  private async refuseOutput(task: Task, { id, attempt, usage }: Succeeded): Promise<boolean> {
    const cause =
      "The function's result has a string with a NUL character or half of a surrogate pair, which cannot be stored";
    return this.failed(task, { id, attempt, status: 'FAILED', error: 'Function.InvalidResponse', cause, usage });
  }

  private async tooLarge(task: Task, { id, attempt, usage }: Succeeded, bytes: number): Promise<boolean> {
    const cause = `The function's result is ${bytes} bytes long; at most ${MAX_OUTPUT_BYTES} are allowed`;
    return this.failed(task, { id, attempt, status: 'FAILED', error: 'States.DataLimitExceeded', cause, usage });
  }
}
