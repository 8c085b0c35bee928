import { setImmediate as turn } from 'node:timers/promises';
import { patience } from '../patience.js';
import { SandboxNotStarted } from '../sandbox.errors.js';
import type { Instance, KillFindings, Meter, Sandbox } from '../sandbox.js';
import { StallWatch } from '../watches/stall-watch.js';
import { type Door, openDoor } from './door.js';
import { taskVariables } from './environment.js';
import type { Failure } from './failure.js';
import type { FunctionEnd, FunctionListener, FunctionRun } from './function-run.js';
import { HotInstance } from './hot-instance.js';
import { functionArn } from './invocation.js';
import { launchHandler } from './launch.js';
import { endedBadly } from './run-end.js';
import { type Answer, isOfHandler } from './runtime-answers.js';
import { instanceSpec, watch } from './watch.js';

/** How long a runtime that has answered may take to ask for more. */
const SETTLE_MS = 500;

export interface Call {
  readonly run: FunctionRun;
  readonly listener: FunctionListener;
  readonly signal: AbortSignal;
  /** Lives on behind a good end, paused, for another call. */
  readonly mayStay?: () => boolean;
}

export interface HandlerParts {
  readonly instance: Instance;
  readonly door: Door;
  /** When its init phase began. */
  readonly begunAt: number;
  readonly concurrency?: number | undefined;
}

/**
 * A process that serves the events of one version of a function, one after another. What belongs to one call (its
 * lines, its usage, its files and variables) is given to it and taken away with it; between calls every process of it
 * stands still, so nothing moves in the folder that is emptied and filled for the next. After any other end than an
 * answer of the handler nothing of it is alive.
 */
export class HandlerInstance implements Meter {
  readonly startedAt = performance.now();
  private initMs: number | undefined;
  private served = 0;
  private isPaused = false;
  private readonly instance: Instance;
  private readonly door: Door;
  private readonly begunAt: number;
  /** How many calls it serves at the same time, once it is hot. */
  readonly concurrency: number;
  private hot: HotInstance | undefined;

  constructor(
    private readonly sandbox: Sandbox,
    { instance, door, begunAt, concurrency = 1 }: HandlerParts,
  ) {
    this.instance = instance;
    this.door = door;
    this.begunAt = begunAt;
    this.concurrency = concurrency;
  }

  /** Rejects with `SandboxNotStarted`. */
  static async start(sandbox: Sandbox, run: FunctionRun): Promise<HandlerInstance | { readonly failure: Failure }> {
    const door = await openDoor(sandbox, run);
    const { api, folders } = door;
    const begunAt = performance.now();
    let instance: Instance | undefined;
    try {
      const { surroundings } = sandbox;
      const launch = launchHandler({ run: { ...run, folders: sandbox.view(folders) }, folders, surroundings }, api);
      if (!('failure' in launch)) {
        instance = await sandbox.start(instanceSpec(run, folders, launch));
        await door.admit(instance);
        return new HandlerInstance(sandbox, { instance, door, begunAt, concurrency: run.concurrency });
      }
      await door.close();
      return launch;
    } catch (error) {
      await instance?.kill();
      await instance?.release();
      await door.close();
      throw error instanceof SandboxNotStarted ? error : new SandboxNotStarted(run.id, error);
    }
  }

  get calls(): number {
    return this.served;
  }

  get isReady(): boolean {
    return this.door.api.askedAt !== undefined;
  }

  total(): ReturnType<Meter['total']> {
    return this.instance.total();
  }

  /** It waits for another call. */
  get isWaiting(): boolean {
    return this.isPaused;
  }

  /** Settles when it is gone, however. */
  get gone(): Promise<unknown> {
    return this.instance.exited;
  }

  /** One at a time. */
  async call({ run, listener, signal, mayStay }: Call): Promise<FunctionEnd> {
    await this.wake();
    const stall = run.stallMs === undefined ? undefined : new StallWatch(run.stallMs);
    let answer: Answer | undefined;
    const onProgress: FunctionListener['onProgress'] = (progress) => {
      stall?.progressed(progress);
      listener.onProgress(progress);
    };
    const answered = this.invoke(run, onProgress).then((given) => (answer = given));
    const stays = async () => mayStay?.() === true && (await this.settle(answer));
    try {
      const watched = await watch(this.instance, {
        run,
        work: this.door.folders.work,
        listener,
        signal,
        answered,
        stays,
        ...(stall && { alarm: stall.stalled }),
      });
      const { how } = watched.ended;
      const usage = { ...watched.ended.usage, ...this.initialised() };
      if (!answer || (how !== 'answered' && how !== 'exit'))
        return endedBadly(
          run,
          { ...watched, ended: { ...watched.ended, usage } },
          this.isReady ? 'invocation' : 'init',
        );
      if (answer.type === 'response') return { status: 'SUCCEEDED', output: answer.output, usage };
      return { status: 'FAILED', ...answer.failure, usage };
    } finally {
      stall?.close();
      if (!this.isPaused) await this.door.close();
    }
  }

  /** One that waits goes on, for calls that follow each other closely, until `rest`. */
  async heat(): Promise<HotInstance> {
    await this.wake();
    const { instance, door, concurrency } = this;
    this.hot ??= new HotInstance({ instance, door, concurrency, initialised: () => this.initialised() });
    this.hot.open();
    return this.hot;
  }

  /** It stands still again, and its folder can be emptied. False if it is not fit for more: end it. */
  async rest(): Promise<boolean> {
    if (!this.hot?.isAlive) return false;
    this.instance.pause();
    if (!this.hot.isWell) return false;
    await readOut();
    this.hot.close();
    this.isPaused = true;
    return true;
  }

  /** Ends one that waits. */
  async end(): Promise<KillFindings> {
    this.isPaused = false;
    const findings = await this.instance.kill();
    await this.instance.release();
    await this.door.close();
    return findings;
  }

  /** Told once, with the call that had to wait for it. */
  private initialised(): { readonly initMs?: number } {
    const { askedAt } = this.door.api;
    if (askedAt === undefined || this.initMs !== undefined) return {};
    this.initMs = Math.round((askedAt - this.begunAt) * 10) / 10;
    return { initMs: this.initMs };
  }

  private async wake(): Promise<void> {
    if (this.served > 0) {
      await this.sandbox.adopt(this.door.folders);
      this.instance.measure();
      this.isPaused = false;
      this.instance.resume();
    }
    this.served++;
  }

  private invoke(run: FunctionRun, onProgress: FunctionListener['onProgress']): Promise<Answer> {
    return this.door.api.invoke({
      requestId: run.id,
      payload: run.payload,
      deadlineMs: Date.now() + run.timeoutMs,
      functionArn: functionArn(run.context.namespace, run.name, run.version),
      inputs: run.inputs,
      outputs: run.outputs,
      variables: taskVariables(run),
      clientContext: run.context.clientContext,
      onProgress,
    });
  }

  /** True if it is fit for another call: well, asking for work, and alone in its sandbox. */
  private async settle(answer: Answer | undefined): Promise<boolean> {
    const {
      instance,
      door: { api },
    } = this;
    if (!answer || !isOfHandler(answer)) return false;
    const isIdle = await Promise.race([
      api.idle().then(() => true),
      instance.exited.then(() => false),
      patience(SETTLE_MS).then(() => false),
    ]);
    if (!isIdle) return false;
    instance.pause();
    const expected = instance.expected();
    const hasOthers = instance.processes().some((pid) => !expected.has(pid));
    if (hasOthers || (instance.usage().oomKills ?? 0) > 0) return false;
    await readOut();
    this.isPaused = true;
    return true;
  }
}

/** Whole turns of the loop: what is in the pipes is read, and this call's. */
async function readOut(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn();
}
