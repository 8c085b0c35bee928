import { markOf } from '../payloads/payload-marks.js';
import type { Execution } from './execution.js';
import type { StoredFrame } from './frame.repository.js';
import { valuesOf } from './stored-frame.js';

/**
 * What a process knows of an execution. It may be used again for the next turn, without a look into the database, as
 * `revision` says whether it is still true when that turn is written.
 */
export class ExecutionState {
  private readonly frames = new Map<number, StoredFrame>();
  private readonly children = new Map<string, StoredFrame>();
  /** Of its frames, or it has one itself. */
  hasLarge: boolean;

  constructor(
    public execution: Execution,
    public revision: number,
    public nextFrameId: number,
    public nextHistoryId: number,
  ) {
    this.hasLarge = execution.refs !== undefined;
  }

  get size(): number {
    return this.frames.size;
  }

  frame(id: number): StoredFrame | undefined {
    return this.frames.get(id);
  }

  child({ id, step }: { id: number; step: number }, index: number): StoredFrame | undefined {
    return this.children.get(`${id} ${step} ${index}`);
  }

  put(frame: StoredFrame): void {
    this.frames.set(frame.id, frame);
    this.hasLarge ||= valuesOf(frame.state).some((value) => value !== undefined && markOf(value) !== undefined);
    if (frame.parent) this.children.set(keyOf(frame), frame);
  }

  forget(frame: StoredFrame): void {
    this.frames.delete(frame.id);
    this.children.delete(keyOf(frame));
  }
}

const keyOf = ({ parent, index }: StoredFrame): string => `${parent?.id} ${parent?.step} ${index}`;
