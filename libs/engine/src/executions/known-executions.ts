import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import type { ExecutionState } from './execution-state.js';
import type { Execution } from './execution.js';

/** Frames kept in all: some tens of megabytes with inputs of a few kilobytes. */
const MAX_FRAMES = 20_000;
/** One that is known by more is rather read again in parts. */
const MAX_FRAMES_OF_ONE = 12_000;
/** For those who wait for their ends. */
const MAX_SEEN = 500;

/**
 * Running executions as this process left them, so that the next turn needs no look into the database. Nothing depends
 * on it: the revision tells when another process has moved an execution on.
 */
@Injectable()
export class KnownExecutions {
  private readonly states = new Map<string, ExecutionState>();
  private readonly seen = new Map<string, { readonly execution: Execution; readonly at: number }>();
  private frames = 0;

  /** Taken out: it comes back when what becomes of it is written. */
  take(id: string): ExecutionState | undefined {
    const state = this.states.get(id);
    if (state) this.remove(id, state);
    return state;
  }

  /** As this process left it, if that was within the last `maxAgeMs`. */
  look(id: string, maxAgeMs: number): Execution | undefined {
    const seen = this.seen.get(id);
    return seen && performance.now() - seen.at <= maxAgeMs ? seen.execution : undefined;
  }

  /** After the changes were committed. */
  put({ state, created, changed, stoppedBelow, ending, isNew, large }: Changes): void {
    if (!isNew) state.revision++;
    if (ending && !isNew) state.execution = { ...state.execution, ...ending, endedAt: new Date() };
    // What is large is not kept for long: the cache of large values is bounded by their size.
    if (large.length > 0 || state.hasLarge) {
      this.seen.delete(state.execution.id);
      return;
    }
    this.see(state.execution);
    // Which frames are ended below a state that is stopped, only the database knows.
    if (ending || stoppedBelow.length > 0) return;
    for (const frame of [...created.values(), ...changed.values()]) {
      if (frame.status !== 'RUNNING' && frame.status !== 'WAITING') state.forget(frame);
    }
    this.take(state.execution.id);
    if (state.size > MAX_FRAMES_OF_ONE) return;
    this.states.set(state.execution.id, state);
    this.frames += state.size;
    for (const [id, oldest] of this.states) {
      if (this.frames <= MAX_FRAMES) break;
      this.remove(id, oldest);
    }
  }

  private see(execution: Execution): void {
    this.seen.delete(execution.id);
    this.seen.set(execution.id, { execution, at: performance.now() });
    if (this.seen.size <= MAX_SEEN) return;
    const [oldest] = this.seen.keys();
    if (oldest !== undefined) this.seen.delete(oldest);
  }

  private remove(id: string, state: ExecutionState): void {
    this.states.delete(id);
    this.frames -= state.size;
  }
}
