import type { NewTask } from '@app/queue';
import { EventLine, type Frame, type HistoryEvent, type Json } from '@app/workflow';
import type { Execution, ExecutionEnding } from './execution.js';
import type { ExecutionState } from './execution-state.js';
import type { StoredFrame } from './frame.repository.js';
import type { StoredHistoryEvent } from './history.repository.js';
import { Places } from './places.js';
import type { NewTimer } from './timer.repository.js';
import type { Fence } from './turn.js';

/** Everything that will be written about one execution, at once. */
export class Changes {
  readonly created = new Map<number, StoredFrame>();
  readonly changed = new Map<number, StoredFrame>();
  readonly history: StoredHistoryEvent[] = [];
  readonly tasks: NewTask[] = [];
  timers: NewTimer[] = [];
  /** Frames that left a step behind which had a timer. */
  readonly passed: { frameId: number; beforeStep: number }[] = [];
  readonly timedOut: { frameId: number; step: number }[] = [];
  /** Steps whose children, and everything below them, are ended. */
  readonly stoppedBelow: { id: number; step: number }[] = [];
  /** What else is to be done in the transaction, after the rows are written. */
  readonly afterwards: (() => Promise<void>)[] = [];
  readonly fences: Fence[] = [];
  /** Values that are written `afterwards`, and may be large. */
  readonly further: Json[] = [];
  /** Of the values, those that are too large for a row. */
  large: readonly Json[] = [];
  ending: ExecutionEnding | undefined;
  readonly places: Places;

  constructor(
    readonly state: ExecutionState,
    /** The execution's row is written with the changes. */
    readonly isNew: boolean,
  ) {
    this.places = new Places(state.execution.id);
  }

  get execution(): Execution {
    return this.state.execution;
  }

  createFrame(frame: Omit<StoredFrame, 'id' | 'hasTimer'>): StoredFrame {
    const created = { ...frame, id: this.state.nextFrameId++, hasTimer: false };
    this.created.set(created.id, created);
    this.state.put(created);
    return created;
  }

  /** Puts the frame's new state in place; timers of steps it has left are forgotten. */
  moveFrame(frame: StoredFrame, state: Frame): void {
    const left = frame.hasTimer && (state.step > frame.state.step || state.status !== 'RUNNING');
    if (left) {
      const beforeStep = state.status === 'RUNNING' ? state.step : state.step + 1;
      this.timers = this.timers.filter(
        ({ frameId, step, kind }) => frameId !== frame.id || step >= beforeStep || kind === 'execution',
      );
      this.passed.push({ frameId: frame.id, beforeStep });
      frame.hasTimer = false;
    }
    frame.state = state;
    frame.status = state.status;
    if (!this.created.has(frame.id)) this.changed.set(frame.id, frame);
  }

  startTimer(frame: StoredFrame, timer: Omit<NewTimer, 'frameId'>): void {
    this.timers.push({ ...timer, frameId: frame.id });
    frame.hasTimer = true;
  }

  record(frameId: number, events: readonly HistoryEvent[], at: Date): void {
    for (const { type, details, previous = this.follow(frameId, type) } of events) {
      this.history.push({ id: this.state.nextHistoryId++, previous, frameId, type, at, details });
    }
  }

  /** An event that the interpreter did not give goes into the line of its frame, too. */
  private follow(frameId: number, type: string): number {
    const { nextHistoryId } = this.state;
    const frame = this.state.frame(frameId);
    const line = new EventLine(frame?.state.lastEvent ?? nextHistoryId - 1, nextHistoryId);
    const previous = line.follow(type);
    if (frame) this.moveFrame(frame, { ...frame.state, lastEvent: line.last });
    return previous;
  }
}
