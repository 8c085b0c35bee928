import { setMaxListeners } from 'node:events';
import { type FunctionEnd, type Sandbox, type SandboxFolders, toFailure } from '@app/sandbox';
import type { Assignment, Progress, TaskResult, UploadedOutput } from '@app/worker-api';
import { Logger } from '@nestjs/common';
import { atATime } from '../files/at-a-time.js';
import type { CodeCache } from '../files/code-cache.js';
import type { Brought, InputCache } from '../files/input-cache.js';
import { upload, uploadFolder } from '../files/upload.js';
import { toldOf, withPayload } from '../files/values.js';
import type { WorkFolders } from '../files/work-folders.js';
import type { HotPool } from '../fast-lane/hot-pool.js';
import type { GatewayClient } from '../gateway/gateway.client.js';
import { LogShipper } from '../logs/log-shipper.js';
import type { Instances } from '../instances/instances.js';
import type { WarmInstances } from '../warm/warm-instances.js';
import { diskBytesOf, functionRun } from './function-run.js';
import type { PlacedTask } from './placed-task.js';
import { AttemptLost, TaskFailed } from './task-failed.js';
import { pathsOf } from './task-paths.js';
import { SharedPlace } from './shared-place.js';
import { type Scratch, TaskPlace } from './task-place.js';

const LOG_PATIENCE_MS = 2_000;
/** A merge of chunks has hundreds of them, and each is a connection. */
const PARALLEL_INPUTS = 8;
/** Each that is under way listens for the end of all: four files of an output in three parts, and as many again that wait to be tried once more. */
const MAX_TRANSFERS = 32;

export interface TaskTools {
  readonly gateway: GatewayClient;
  readonly sandbox: Sandbox;
  readonly code: CodeCache;
  readonly inputs: InputCache;
  readonly folders: WorkFolders;
  readonly warm: WarmInstances;
  readonly instances: Instances;
  readonly graceMs: number;
  /** Memory that the tasks in hand leave. */
  readonly freeMb: () => number;
  /** The instances of a function that serve several tasks at the same time. */
  readonly poolOf: (task: PlacedTask) => HotPool | undefined;
}

/** One attempt at one task, from its empty folder to its result. */
export class TaskAttempt {
  private readonly logger = new Logger(TaskAttempt.name);
  private readonly logs: LogShipper;
  private readonly startedAt = performance.now();
  private place: TaskPlace | SharedPlace | undefined;
  /** It was not begun, or cut off for what another did: somebody is to begin anew. */
  isToRepeat = false;
  private readonly moved = { bytes: 0, cachedBytes: 0, eventBytes: 0, resultBytes: 0 };
  /** Ends the transfers of this attempt. */
  private readonly moving = new AbortController();

  constructor(
    private readonly tools: TaskTools,
    private readonly task: PlacedTask,
    private readonly onProgress: (progress: Progress) => void,
    /** Aborts with `cancelled` or `shutdown`. */
    private readonly signal: AbortSignal,
  ) {
    this.logs = new LogShipper(tools.gateway, task);
    setMaxListeners(MAX_TRANSFERS, this.moving.signal);
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
    const [scratch] = await Promise.all([this.place?.leave(), this.logs.close(LOG_PATIENCE_MS)]);
    return result && metered(scratch ? certified(result, scratch) : result, this.task, this.moved);
  }

  private async attempt(): Promise<TaskResult | undefined> {
    const { task, tools, signal } = this;
    signal.throwIfAborted();
    const whole = await withPayload(task, this.moving.signal);
    this.moved.eventBytes = Buffer.byteLength(JSON.stringify(whole.payload));
    const pool = tools.poolOf(task);
    if (pool) return this.share(whole, pool);
    const place = await TaskPlace.open(tools, task);
    this.place = place;
    const { work } = place;
    const code = await this.fetchAll(work);
    signal.throwIfAborted();
    const end = await this.runFunction(whole, place, { work, ...(code !== undefined && { code }) });
    return this.resultOf(end, () => this.uploadAll(work));
  }

  /** In an instance that serves others too. */
  private async share(task: PlacedTask, pool: HotPool): Promise<TaskResult | undefined> {
    const place = new SharedPlace(pool, this.tools, task);
    this.place = place;
    const end = await place.run(this.listener, this.signal);
    this.isToRepeat = place.isToRepeat;
    return this.isToRepeat ? undefined : this.resultOf(end, async () => []);
  }

  private async resultOf(end: FunctionEnd, uploads: () => Promise<UploadedOutput[]>): Promise<TaskResult | undefined> {
    if (end.status === 'SHUTDOWN') return undefined;
    const { id, attempt } = this.task;
    if (end.status !== 'SUCCEEDED') return { id, attempt, ...end };
    const { told, bytes } = await toldOf(this.tools.gateway, this.task, end.output, this.moving.signal);
    this.moved.resultBytes = bytes;
    return { id, attempt, ...end, ...told, outputs: await uploads() };
  }

  /** The inputs into their files; gives the folder of the code. */
  private async fetchAll(work: string): Promise<string | undefined> {
    const { code } = this.tools;
    const { codeDigest } = this.task.function;
    const paths = pathsOf('inputs', this.task.inputs, work);
    const { signal } = this.moving;
    const inTurn = atATime(PARALLEL_INPUTS);
    return this.together([
      codeDigest ? code.get(codeDigest, signal) : Promise.resolve(undefined),
      ...this.task.inputs.map((input) => inTurn(() => this.fetchOne(input, paths[input.name] ?? ''))),
    ]).then(([dir]) => dir);
  }

  private async fetchOne(input: Assignment['inputs'][number], path: string): Promise<undefined> {
    const { bytes, cachedBytes } = await this.tools.inputs.bring(input, path, this.moving.signal);
    this.moved.bytes += bytes;
    this.moved.cachedBytes += cachedBytes;
  }

  private runFunction(task: PlacedTask, place: TaskPlace, folders: SandboxFolders): Promise<FunctionEnd> {
    const { listener, signal } = this;
    return place.run({ run: functionRun(task, folders, this.tools), listener, signal });
  }

  private get listener() {
    return {
      onLine: (stream: 'stdout' | 'stderr', line: string) => this.logs.add(stream, line),
      onProgress: this.onProgress,
    };
  }

  /** Outputs are files of the finished function: nothing of it is alive, or runs, that could change them while we read. */
  private async uploadAll(work: string): Promise<UploadedOutput[]> {
    const { gateway } = this.tools;
    const paths = pathsOf('outputs', this.task.outputs, work);
    const { signal } = this.moving;
    const room = { bytes: diskBytesOf(this.task, this.tools) ?? Infinity };
    const uploaded = await this.together(
      this.task.outputs.map(async (output) => {
        const wanted = { task: this.task, output, path: paths[output.name] ?? '', signal, room };
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
}

/** A kill is certified to its end: the processes, and what they had on the disk. */
function certified(result: TaskResult, scratch: Scratch): TaskResult {
  const { usage } = result;
  return usage.kill ? { ...result, usage: { ...usage, kill: { ...usage.kill, scratch } } } : result;
}

interface Moved extends Brought {
  readonly eventBytes: number;
  readonly resultBytes: number;
}

/** What only the executor knows of what was used: what was moved, and the GPUs that were held. */
function metered(result: TaskResult, { resources }: Assignment, moved: Moved): TaskResult {
  const { bytes: bytesIn, cachedBytes, eventBytes, resultBytes } = moved;
  const bytesOut = result.status === 'SUCCEEDED' ? result.outputs.reduce((sum, { size }) => sum + size, 0) : 0;
  const gpuMs = result.usage.wallMs * (resources.gpus ?? 0);
  const usage = {
    ...result.usage,
    ...(bytesIn > 0 && { bytesIn }),
    ...(cachedBytes > 0 && { cachedBytes }),
    ...(bytesOut > 0 && { bytesOut }),
    ...(eventBytes > 0 && { eventBytes }),
    ...(result.status === 'SUCCEEDED' && { resultBytes }),
    ...(gpuMs > 0 && { gpuMs }),
  };
  return { ...result, usage };
}
