import { setTimeout as sleep } from 'node:timers/promises';
import { type FunctionEnd, functionArn, type HotEnd, type HotListener, parseStorable } from '@app/sandbox';
import type { Usage } from '@app/worker-api';
import type { HotPool } from '../fast-lane/hot-pool.js';
import type { PoolCall, Scratch } from '../fast-lane/pool-call.js';
import type { PlacedTask } from './placed-task.js';
import type { TaskTools } from './task-attempt.js';

/** How long a task may wait here for room that was offered, and that something else took meanwhile. */
const ROOM_MS = 2_000;
const TRY_MS = 20;
/** As often as another call may cut off a task before that is its own end. */
const MAX_CUTS = 5;

type Asked = { readonly end: HotEnd; readonly scratch: Scratch | undefined; readonly measured: Partial<Usage> };

/** Where a task runs beside others: one of the places of an instance of its function. */
export class SharedPlace {
  isToRepeat = false;
  private scratch: Scratch | undefined;

  constructor(
    private readonly pool: HotPool,
    private readonly tools: Pick<TaskTools, 'graceMs' | 'folders'>,
    private readonly task: PlacedTask,
  ) {}

  async run(listener: HotListener, signal: AbortSignal): Promise<FunctionEnd> {
    const asked = await this.untilServed(listener, signal);
    if (!asked) {
      signal.throwIfAborted();
      this.isToRepeat = true;
      return { status: 'SHUTDOWN' };
    }
    const { end, scratch, measured } = asked;
    this.scratch = scratch;
    if (end.status === 'SHUTDOWN') return end;
    this.isToRepeat = end.usage.ending === 'sibling' && this.task.attempt < MAX_CUTS;
    const usage = { ...end.usage, ...measured };
    if (end.status !== 'SUCCEEDED') return { ...end, usage };
    return { status: end.status, output: parseStorable(end.output.toString()) ?? null, usage };
  }

  /** What it had on the disk is its instance's, and goes with that. */
  async leave(): Promise<Scratch | undefined> {
    return this.scratch;
  }

  private async untilServed(listener: HotListener, signal: AbortSignal): Promise<Asked | undefined> {
    const until = performance.now() + ROOM_MS;
    for (;;) {
      const asked = await this.ask(listener, signal);
      if (asked || signal.aborted || performance.now() > until) return asked;
      await sleep(TRY_MS, undefined, { ref: false });
    }
  }

  /** Undefined if it was not begun. */
  private ask(listener: HotListener, signal: AbortSignal): Promise<Asked | undefined> {
    const { id, payload, timeoutSeconds, context } = this.task;
    const { name, version, memoryMb, stallSeconds } = this.task.function;
    const { maxBytes: diskBytes } = this.tools.folders;
    return new Promise((resolve) => {
      const stop = (): void => call.stop?.(signal.reason === 'shutdown' ? 'shutdown' : 'cancelled');
      const settle = (asked: Asked | undefined): void => {
        signal.removeEventListener('abort', stop);
        resolve(asked);
      };
      let measured: Partial<Usage> = {};
      const call: PoolCall = {
        ...listener,
        id,
        cameAt: performance.now(),
        event: Buffer.from(JSON.stringify(payload)),
        timeoutMs: timeoutSeconds * 1_000,
        graceMs: this.tools.graceMs,
        memoryMb,
        functionArn: functionArn(context.namespace, name, version),
        clientContext: context.clientContext,
        ...(stallSeconds !== undefined && { stallMs: stallSeconds * 1_000 }),
        ...(diskBytes !== undefined && { diskBytes }),
        onMeasured: (usage) => (measured = usage),
        onDeclined: () => settle(undefined),
        onEnd: (end, scratch) => settle({ end, scratch, measured }),
      };
      signal.addEventListener('abort', stop, { once: true });
      this.pool.call(call);
      if (signal.aborted) stop();
    });
  }
}
