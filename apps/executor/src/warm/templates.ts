import { randomUUID } from 'node:crypto';
import { canBeTemplate, Sandbox, Template, type TemplateShape } from '@app/sandbox';
import { Injectable, Logger } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { WorkFolders } from '../files/work-folders.js';
import { Instances } from '../instances/instances.js';
import type { LiveInstance } from '../instances/live-instance.js';
import type { PlacedTask } from '../tasks/placed-task.js';
import { Capacity } from '../worker/capacity.js';

/** What one takes of this machine, at most, while it waits. */
const TEMPLATE_MB = 64;
/** The start of an instance is under way: its own work comes first. */
const AFTER_MS = 100;
/** So long after the start of the executor there is one for what is most likely to come. */
const FIRST_AFTER_MS = 1_000;
const MOST_LIKELY: TemplateShape = { runtime: 'nodejs', memoryMb: 512 };
/** There was no room for one. */
const AGAIN_AFTER_MS = 1_000;
/** A machine on which none comes up is not asked all the time. */
const REST_MS = 60_000;

export interface HeldTemplate {
  readonly template: Template;
  /** Its working folder, which becomes that of the instance. */
  readonly work: string;
}

interface Waiting extends HeldTemplate {
  readonly live: LiveInstance;
}

/**
 * Runtimes that are up before it is known for what: one for each of the shapes that were lately asked for. One that is
 * taken is somebody's for good, and the next is made behind it. Whatever else needs their memory has it.
 */
@Injectable()
export class Templates {
  private readonly logger = new Logger(Templates.name);
  /** By what cannot be changed of them; the lately used last. */
  private readonly wanted = new Map<string, TemplateShape>();
  private readonly waiting = new Map<string, Waiting>();
  private readonly ending = new Set<Promise<void>>();
  private readonly most: number;
  private making: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private restsUntil = 0;
  private isClosed = false;

  constructor(
    config: ExecutorConfig,
    private readonly sandbox: Sandbox,
    private readonly folders: WorkFolders,
    private readonly instances: Instances,
    private readonly capacity: Capacity,
  ) {
    this.most = process.platform === 'linux' ? config.templates : 0;
  }

  start(): void {
    if (this.most === 0) return;
    this.wanted.set(keyOf(MOST_LIKELY), MOST_LIKELY);
    this.makeSoon(FIRST_AFTER_MS);
  }

  /** Undefined if there is none of its shape, or it has to begin anew in any case. There is one the next time. */
  take({ function: { runtime, memoryMb, network, environment }, gpus = [] }: PlacedTask): HeldTemplate | undefined {
    const isPlain = gpus.length === 0 && canBeTemplate({ runtime, environment });
    if (this.most === 0 || this.isClosed || !isPlain) return undefined;
    const shape = { runtime, memoryMb, ...(network && { network }) };
    const key = keyOf(shape);
    this.wanted.delete(key);
    this.wanted.set(key, shape);
    const [oldest] = this.wanted.keys();
    if (this.wanted.size > this.most && oldest !== undefined) this.forget(oldest);
    const found = this.withhold(key);
    this.makeSoon(AFTER_MS);
    return found;
  }

  /** Ends the longest unused until the others take no more than this. */
  fit(freeMb: number): void {
    for (const key of this.wanted.keys()) {
      if (this.waiting.size * TEMPLATE_MB <= freeMb) return;
      this.end(this.withhold(key));
      this.makeSoon(AGAIN_AFTER_MS);
    }
  }

  /** What they take of the memory that is offered as free. */
  get memoryMb(): number {
    return this.waiting.size * TEMPLATE_MB;
  }

  /** Ends one that was taken and became nothing. */
  end(held: HeldTemplate | undefined): void {
    if (!held) return;
    const { template, work } = held;
    const ended = template
      .end()
      .then(() => this.folders.remove(work))
      .catch((error: unknown) => this.logger.error(`A template could not be ended: ${String(error)}`))
      .finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.making;
    for (const key of this.waiting.keys()) this.end(this.withhold(key));
    await Promise.all(this.ending);
  }

  private forget(key: string): void {
    this.wanted.delete(key);
    this.end(this.withhold(key));
  }

  private withhold(key: string): Waiting | undefined {
    const found = this.waiting.get(key);
    this.waiting.delete(key);
    if (found) this.instances.remove(found.live);
    return found;
  }

  /** The timer stays set while they are made, so that nobody begins beside it; what is asked for meanwhile it sees. */
  private makeSoon(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.making = this.makeAll().finally(() => {
        this.timer = undefined;
        if (this.next() && !this.isClosed) this.makeSoon(AGAIN_AFTER_MS);
      });
    }, ms).unref();
  }

  /** One after the other, the lately used first. */
  private async makeAll(): Promise<void> {
    for (let next = this.next(); next; next = this.next()) {
      const hasRoom = this.capacity.free.memoryMb >= this.memoryMb + TEMPLATE_MB;
      if (this.isClosed || !hasRoom || performance.now() < this.restsUntil) return;
      await this.make(...next);
    }
  }

  private next(): [string, TemplateShape] | undefined {
    return [...this.wanted].findLast(([key]) => !this.waiting.has(key));
  }

  private async make(key: string, shape: TemplateShape): Promise<void> {
    const id = randomUUID();
    let work: string | undefined;
    try {
      work = await this.folders.create({ id, attempt: 1 });
      const code = await this.folders.createSlot(work);
      const template = await Template.start(this.sandbox, `template-${id}`, shape, { work, code });
      const live = this.instances.addTemplate(shape);
      live.started(template);
      const held = { template, work, live };
      this.waiting.set(key, held);
      void template.gone.then(() => this.gone(key, held));
      // Others were asked for meanwhile, or somebody else has the memory now.
      if (!this.wanted.has(key) || this.memoryMb > this.capacity.free.memoryMb) this.end(this.withhold(key));
    } catch (error) {
      this.rest(`No template of ${shape.runtime}: ${String(error)}`);
      if (work !== undefined) await this.folders.remove(work);
    }
  }

  /** One that nobody took has ended by itself. */
  private gone(key: string, held: Waiting): void {
    if (this.waiting.get(key) !== held) return;
    this.end(this.withhold(key));
    this.rest(`A template of ${key} ended before it was used`);
    this.makeSoon(AGAIN_AFTER_MS);
  }

  private rest(why: string): void {
    this.restsUntil = performance.now() + REST_MS;
    this.logger.warn(why);
  }
}

/** Node is told at its start how large its heap may be; Python has no such limit of its own. */
const keyOf = ({ runtime, memoryMb, network }: TemplateShape): string =>
  [runtime, network ?? 'unsaid', ...(runtime === 'nodejs' ? [memoryMb] : [])].join();
