import { type TaskRef, TaskRepository } from '@app/queue';
import type { Json, RunningLine, StateMachine } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import type { ExecutionState } from './execution-state.js';
import type { Execution } from './execution.js';
import { ExecutionRepository } from './execution.repository.js';
import { FrameRepository, type StoredFrame } from './frame.repository.js';
import { runningLines } from './running-lines.js';
import { type DueTimer, TimerRepository } from './timer.repository.js';
import { executionOf, fenceKey, type Turn } from './turn.js';

interface Parent {
  readonly id: number;
  readonly step: number;
}

/** What deciding about executions needs to read. */
@Injectable()
export class ExecutionReader {
  constructor(
    private readonly executions: ExecutionRepository,
    private readonly frames: FrameRepository,
    private readonly timers: TimerRepository,
    private readonly tasks: TaskRepository,
  ) {}

  /** Nobody else changes anything below the execution until the end of the transaction. */
  async lock(executionId: string): Promise<Execution | undefined> {
    await this.lockAll([executionId]);
    return (await this.states([executionId]))[0]?.execution;
  }

  async frame(executionId: string, id: number): Promise<StoredFrame | undefined> {
    return this.frames.find(executionId, id);
  }

  async lockAll(executionIds: readonly string[]): Promise<void> {
    await this.executions.lock(executionIds);
  }

  /** The counters are read before any frame: if a frame is newer than they are, the turn is refused when it is written. */
  async states(executionIds: readonly string[]): Promise<ExecutionState[]> {
    return this.executions.listStates(executionIds);
  }

  /** Puts the frames that the turns are about, and those above them, into the states that lack them. */
  async fill(states: ReadonlyMap<string, ExecutionState>, turns: readonly Turn[]): Promise<void> {
    const wanted = turns.flatMap((turn) => {
      const state = states.get(executionOf(turn));
      if (turn.type === 'begin' || !state) return [];
      return turn.happenings
        .filter(({ frameId }) => !state.frame(frameId))
        .map(({ frameId }) => ({ executionId: turn.executionId, id: frameId }));
    });
    for (const { executionId, frame } of await this.frames.listWithParents(wanted)) {
      const state = states.get(executionId);
      if (state && !state.frame(frame.id)) state.put(frame);
    }
  }

  /** The fences that still stand, locked. */
  async hold(turns: readonly Turn[]): Promise<Set<string>> {
    const refs: TaskRef[] = [];
    const keys: DueTimer[] = [];
    for (const turn of turns) {
      if (turn.type === 'begin' || !turn.fence) continue;
      if (turn.fence.type === 'task') refs.push(turn.fence.task);
      else keys.push({ ...turn.fence.timer, executionId: turn.executionId });
    }
    const timers = await this.timers.hold(keys);
    const standing = timers.map(({ executionId, ...timer }) =>
      fenceKey({ type: 'happened', executionId, happenings: [], fence: { type: 'timer', timer } }),
    );
    return new Set([...(await this.tasks.holdAll(refs)), ...standing.filter((key) => key !== undefined)]);
  }

  lookups(executionId: string) {
    return {
      frame: (id: number): Promise<StoredFrame | undefined> => this.frames.find(executionId, id),
      child: (parent: Parent, index: number): Promise<StoredFrame | undefined> =>
        this.frames.findChild(executionId, parent, index),
      running: async (parent: Parent, changes: Changes, definition: StateMachine): Promise<readonly RunningLine[]> =>
        runningLines(parent, await this.frames.listRunning(executionId, parent), { changes, definition }),
      outputs: (parent: Parent): Promise<Json[] | undefined> => this.frames.listOutputs(executionId, parent),
    };
  }
}
