import type { NewTask } from '@app/queue';
import type { Frame, HistoryEvent } from '@app/workflow';
import type { Execution, ExecutionEnding } from './execution.js';
import type { StoredFrame } from './frame.repository.js';
import type { StoredHistoryEvent } from './history.repository.js';
import type { NewTimer } from './timer.repository.js';

/** Everything one transaction will write about one execution. */
export class Changes {
  readonly created = new Map<number, StoredFrame>();
  readonly changed = new Map<number, StoredFrame>();
  readonly history: StoredHistoryEvent[] = [];
  readonly tasks: NewTask[] = [];
  readonly timers: NewTimer[] = [];
  /** Frames that left a step behind which had a timer. */
  readonly passed: { frameId: number; beforeStep: number }[] = [];
  readonly timedOut: { frameId: number; step: number }[] = [];
  /** Steps whose children, and everything below them, are ended. */
  readonly stoppedBelow: { id: number; step: number }[] = [];
  ending: ExecutionEnding | undefined;
  private nextFrameId: number;
  private nextHistoryId: number;

  constructor(readonly execution: Execution) {
    this.nextFrameId = execution.nextFrameId;
    this.nextHistoryId = execution.nextHistoryId;
  }

  get counters(): { nextFrameId: number; nextHistoryId: number } {
    return { nextFrameId: this.nextFrameId, nextHistoryId: this.nextHistoryId };
  }

  createFrame(frame: Omit<StoredFrame, 'id' | 'hasTimer'>): StoredFrame {
    const created = { ...frame, id: this.nextFrameId++, hasTimer: false };
    this.created.set(created.id, created);
    return created;
  }

  /** Puts the frame's new state in place; timers of steps it has left are forgotten. */
  moveFrame(frame: StoredFrame, state: Frame): void {
    const left = frame.hasTimer && (state.step > frame.state.step || state.status !== 'RUNNING');
    if (left) {
      this.passed.push({ frameId: frame.id, beforeStep: state.status === 'RUNNING' ? state.step : state.step + 1 });
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
    for (const { type, details } of events) this.history.push({ id: this.nextHistoryId++, frameId, type, at, details });
  }
}
