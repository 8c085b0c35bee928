import type { HandlerInstance } from '@app/sandbox';
import { Injectable, Logger } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { WorkFolders } from '../files/work-folders.js';
import { Instances } from '../instances/instances.js';
import { Templates } from './templates.js';

/** Each call leaves a little of itself with the instance that serves it, here and there. */
const MAX_CALLS = 10_000;

/** A paused instance with its empty folder. */
export interface WarmInstance {
  /** What has to be the same for a task to be served by it. */
  readonly key: string;
  readonly memoryMb: number;
  /** That it has access to, and may have left something on. */
  readonly gpus?: readonly string[];
  readonly work: string;
  readonly handler: HandlerInstance;
}

/**
 * Instances that wait for the next task of their function: the lately used last. They take memory that is offered as
 * free, so a task that needs it comes first and the longest unused go (`fit`).
 */
@Injectable()
export class WarmInstances {
  private readonly logger = new Logger(WarmInstances.name);
  private readonly idle = new Map<WarmInstance, NodeJS.Timeout>();
  private readonly ending = new Set<Promise<void>>();
  private readonly idleMs: number;
  private readonly maxAgeMs: number;
  private readonly most: number;
  private isClosed = false;
  /** Called when there is one more, or one less, of this key. */
  onChange: (key: string) => void = () => {};

  constructor(
    config: ExecutorConfig,
    private readonly folders: WorkFolders,
    readonly instances: Instances,
    readonly templates: Templates,
  ) {
    this.idleMs = config.warmIdleMs;
    this.maxAgeMs = config.warmMaxMs;
    this.most = config.warmInstances;
  }

  /** Whether an instance may serve another task. */
  isWelcome({ startedAt, calls }: HandlerInstance): boolean {
    if (this.isClosed || this.idleMs === 0) return false;
    return calls < MAX_CALLS && performance.now() - startedAt < this.maxAgeMs;
  }

  /** The lately used one, which the caches know best. It is the caller's until it is put back. */
  take(key: string): WarmInstance | undefined {
    const found = [...this.idle.keys()].findLast((warm) => warm.key === key && this.isWelcome(warm.handler));
    if (found) this.forget(found);
    return found;
  }

  /** How many wait. */
  count(key: string): number {
    let found = 0;
    for (const warm of this.idle.keys()) if (warm.key === key) found++;
    return found;
  }

  put(warm: WarmInstance): void {
    if (!this.isWelcome(warm.handler)) return this.end(warm);
    const ageMs = performance.now() - warm.handler.startedAt;
    const patienceMs = Math.min(this.idleMs, this.maxAgeMs - ageMs);
    this.idle.set(warm, setTimeout(() => this.evict(warm), patienceMs).unref());
    void warm.handler.gone.then(() => this.evict(warm));
    this.shrink(() => this.idle.size > this.most);
    this.onChange(warm.key);
  }

  /**
   * Ends the longest unused until the others take no more than this, and all that have access to one of these GPUs, which
   * are somebody else's now; resolves when they are gone.
   */
  async fit(freeMb: number, gpus: readonly string[] = []): Promise<void> {
    for (const warm of this.idle.keys()) if (warm.gpus?.some((gpu) => gpus.includes(gpu))) this.evict(warm);
    this.templates.fit(freeMb);
    const forIdleMb = freeMb - this.templates.memoryMb;
    this.shrink(() => [...this.idle.keys()].reduce((sum, { memoryMb }) => sum + memoryMb, 0) > forIdleMb);
    await Promise.all(this.ending);
  }

  /** Ends one that is in nobody's hand and not to come back. */
  end({ handler, work }: Pick<WarmInstance, 'handler' | 'work'>): void {
    const ended = this.remove(handler, work).finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }

  /** From now on nothing is kept; resolves when nothing is left. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.shrink(() => true);
    await Promise.all([...this.ending, this.templates.close()]);
  }

  private shrink(isTooMuch: () => boolean): void {
    for (const warm of this.idle.keys()) {
      if (!isTooMuch()) return;
      this.evict(warm);
    }
  }

  private evict(warm: WarmInstance): void {
    if (this.forget(warm)) this.end(warm);
  }

  private forget(warm: WarmInstance): boolean {
    clearTimeout(this.idle.get(warm));
    const isForgotten = this.idle.delete(warm);
    if (isForgotten) this.onChange(warm.key);
    return isForgotten;
  }

  private async remove(handler: HandlerInstance, work: string): Promise<void> {
    try {
      const { left } = await handler.end();
      if (left > 0) this.logger.error(`${left} processes of an instance cannot be killed`);
      await this.folders.remove(work);
    } catch (error) {
      this.logger.error(`An instance could not be ended wholly: ${String(error)}`);
    }
  }
}
