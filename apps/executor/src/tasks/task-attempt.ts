import { join } from 'node:path';
import { type FunctionEnd, runFunction, type Sandbox, type SandboxFolders, toFailure } from '@app/sandbox';
import type { Assignment, KillReport, Progress, TaskResult, UploadedOutput } from '@app/worker-api';
import { Logger } from '@nestjs/common';
import type { CodeCache } from '../files/code-cache.js';
import { download } from '../files/download.js';
import { upload, uploadFolder } from '../files/upload.js';
import type { WorkFolders } from '../files/work-folders.js';
import type { GatewayClient } from '../gateway/gateway.client.js';
import { LogShipper } from '../logs/log-shipper.js';
import { AttemptLost, TaskFailed } from './task-failed.js';

/** Names become files of ours, so they are letters and digits, whatever the gateway sends. */
const FILE_NAME = /^[\w-][\w.-]{0,254}$/;
const LOG_PATIENCE_MS = 2_000;

export interface TaskTools {
  readonly gateway: GatewayClient;
  readonly sandbox: Sandbox;
  readonly code: CodeCache;
  readonly folders: WorkFolders;
  readonly graceMs: number;
}

type Paths = Readonly<Record<string, string>>;

/** One attempt at one task, from its empty folder to its result. */
export class TaskAttempt {
  private readonly logger = new Logger(TaskAttempt.name);
  private readonly logs: LogShipper;
  private readonly startedAt = performance.now();
  /** Ends the transfers of this attempt. */
  private readonly moving = new AbortController();

  constructor(
    private readonly tools: TaskTools,
    private readonly task: Assignment,
    private readonly onProgress: (progress: Progress) => void,
    /** Aborts with `cancelled` or `shutdown`. */
    private readonly signal: AbortSignal,
  ) {
    this.logs = new LogShipper(tools.gateway, task);
  }

  /**
   * Undefined when there is nothing to report. A shutdown is such a case: the task did not fail, and nobody
   * else knows how to put it back, so its lease runs out and another executor takes it.
   */
  async run(): Promise<TaskResult | undefined> {
    const stopMoving = () => this.moving.abort();
    this.signal.addEventListener('abort', stopMoving, { once: true });
    const result = await this.attempt().catch((error: unknown) => this.failed(error));
    this.signal.removeEventListener('abort', stopMoving);
    const [scratch] = await Promise.all([this.removeFolder(), this.logs.close(LOG_PATIENCE_MS)]);
    return result && certified(result, scratch);
  }

  private async attempt(): Promise<TaskResult | undefined> {
    const { task, tools, signal } = this;
    signal.throwIfAborted();
    const work = await tools.folders.create(task);
    const code = await this.fetchAll(work);
    signal.throwIfAborted();
    const end = await this.runFunction({ work, ...(code !== undefined && { code }) });
    if (end.status === 'SHUTDOWN') return undefined;
    const { id, attempt } = task;
    if (end.status !== 'SUCCEEDED') return { id, attempt, ...end };
    return { id, attempt, ...end, outputs: await this.uploadAll(work) };
  }

  /** The inputs into their files; gives the folder of the code. */
  private async fetchAll(work: string): Promise<string | undefined> {
    const { code } = this.tools;
    const { codeDigest } = this.task.function;
    const paths = pathsOf('inputs', this.task.inputs, work);
    const { signal } = this.moving;
    return this.together([
      codeDigest ? code.get(codeDigest, signal) : Promise.resolve(undefined),
      ...this.task.inputs.map((input) => download(input, paths[input.name] ?? '', signal).then(() => undefined)),
    ]).then(([dir]) => dir);
  }

  private runFunction(folders: SandboxFolders): Promise<FunctionEnd> {
    const seen = this.tools.sandbox.view(folders);
    const { maxBytes } = this.tools.folders;
    const inputs = pathsOf('inputs', tops(this.task.inputs), seen.work);
    const outputs = pathsOf('outputs', this.task.outputs, seen.work);
    const {
      id,
      attempt,
      function: { name, version, runtime, handler, command, environment, memoryMb, network, stallSeconds },
      payload,
      context,
    } = this.task;
    const run = {
      id,
      attempt,
      name,
      version,
      runtime,
      environment,
      memoryMb,
      payload,
      context,
      folders,
      inputs,
      outputs,
    };
    const listener = {
      onLine: (stream: 'stdout' | 'stderr', line: string) => this.logs.add(stream, line),
      onProgress: this.onProgress,
    };
    return runFunction(
      this.tools.sandbox,
      {
        ...run,
        ...(handler !== undefined && { handler }),
        ...(command !== undefined && { command }),
        ...(network !== undefined && { network }),
        ...(stallSeconds !== undefined && { stallMs: stallSeconds * 1000 }),
        vcpu: this.task.resources.vcpu,
        ...(maxBytes !== undefined && { diskBytes: maxBytes }),
        timeoutMs: this.task.timeoutSeconds * 1000,
        graceMs: this.tools.graceMs,
      },
      listener,
      this.signal,
    );
  }

  /** Outputs are files of the finished function: nothing of it is alive that could change them while we read. */
  private async uploadAll(work: string): Promise<UploadedOutput[]> {
    const { gateway } = this.tools;
    const paths = pathsOf('outputs', this.task.outputs, work);
    const { signal } = this.moving;
    const uploaded = await this.together(
      this.task.outputs.map(async (output) => {
        const wanted = { task: this.task, output, path: paths[output.name] ?? '', signal };
        return output.key.endsWith('/') ? uploadFolder(gateway, wanted) : [await upload(gateway, wanted)];
      }),
    );
    return uploaded.flat();
  }

  /** All of the transfers. When one fails the others end too, so that none writes into a folder that goes. */
  private async together<T>(transfers: readonly Promise<T>[]): Promise<T[]> {
    try {
      return await Promise.all(transfers);
    } catch (error) {
      this.moving.abort();
      await Promise.allSettled(transfers);
      throw error;
    }
  }

  private failed(error: unknown): TaskResult | undefined {
    const { id, attempt } = this.task;
    const usage = { wallMs: Math.round(performance.now() - this.startedAt) };
    if (error instanceof AttemptLost) {
      this.logger.warn(`Task ${id}, attempt ${attempt}: not ours any more`);
      return undefined;
    }
    if (this.signal.aborted) {
      if (this.signal.reason === 'shutdown') return undefined;
      return {
        id,
        attempt,
        status: 'CANCELLED',
        ...toFailure('Task.Cancelled', { errorMessage: 'The task was cancelled' }),
        usage,
      };
    }
    if (error instanceof TaskFailed) return { id, attempt, status: 'FAILED', ...error.failure, usage };
    const message = error instanceof Error ? error.message : String(error);
    this.logger.error(
      `Task ${id}, attempt ${attempt} could not be run: ${error instanceof Error ? error.stack : message}`,
    );
    return { id, attempt, status: 'FAILED', ...toFailure('Executor.Failed', { errorMessage: message }), usage };
  }

  private async removeFolder(): Promise<Scratch> {
    const begunAt = performance.now();
    const bytes = await this.tools.folders.bytes(this.task);
    const freed = await this.tools.folders.remove(this.task).then(
      () => true,
      (error: unknown) => {
        this.logger.error(`Task ${this.task.id}: its folder could not be removed: ${String(error)}`);
        return false;
      },
    );
    return { freed, bytes, tookMs: Math.round(performance.now() - begunAt) };
  }
}

type Scratch = NonNullable<KillReport['scratch']>;

/** A kill is certified to its end: the processes, and what they had on the disk. */
function certified(result: TaskResult, scratch: Scratch): TaskResult {
  const { usage } = result;
  return usage.kill ? { ...result, usage: { ...usage, kill: { ...usage.kill, scratch } } } : result;
}

/** Files of a list are seen as the folder that they are in. */
const tops = (files: readonly { readonly name: string }[]) =>
  files.map(({ name }) => ({ name: name.split('/')[0] ?? '' }));

function pathsOf(kind: 'inputs' | 'outputs', files: readonly { readonly name: string }[], work: string): Paths {
  const paths = files.map(({ name }) => {
    if (!name.split('/').every((part) => FILE_NAME.test(part)))
      throw new TaskFailed('Function.InvalidConfiguration', `${JSON.stringify(name)} cannot be a file's name`);
    return [name, join(work, kind, name)];
  });
  return Object.fromEntries(paths) as Paths;
}
