import type { NewTask } from '@app/queue';
import {
  childEnded,
  type Command,
  type Failure,
  type Happened,
  initialFrame,
  type Json,
  type RunningLine,
  type StateMachine,
  type Surroundings,
  type Transition,
  transition,
} from '@app/workflow';
import type { Changes } from './changes.js';
import type { ExecutionState } from './execution-state.js';
import type { Execution } from './execution.js';
import type { StoredFrame } from './frame.repository.js';

/** What an advance must look up while it decides. */
export interface Lookups {
  frame(id: number): Promise<StoredFrame | undefined>;
  child(parent: { id: number; step: number }, index: number): Promise<StoredFrame | undefined>;
  /** Undefined if they are too large together. */
  outputs(parent: { id: number; step: number }): Promise<Json[] | undefined>;
  /** What has begun and has not ended below a step, by the index. */
  running(
    parent: { id: number; step: number },
    changes: Changes,
    definition: StateMachine,
  ): Promise<readonly RunningLine[]>;
  task(frameId: number, command: Extract<Command, { type: 'RunTask' }>): Promise<NewTask | Failure>;
  /** For commands that this room does not know. */
  handle(command: Command, frame: StoredFrame, changes: Changes): Promise<void>;
}

/** A task for one that does not exist is not even scheduled. */
const ACTIVITY = /(^|:)activity:/;

export interface Happening {
  readonly frameId: number;
  readonly happened: Happened;
  /** When, if that was before it became known here. */
  readonly at?: Date | undefined;
}

/**
 * Carries what happened to one frame through the tree: a frame's end happens to its parent, a fork happens to its
 * children, until nothing is left to decide. Nothing is written here; `changes` collects what will be.
 */
export class Advance {
  private readonly pending: Happening[] = [];
  private readonly state: ExecutionState;

  constructor(
    private readonly definition: StateMachine,
    private readonly around: Surroundings,
    private readonly lookups: Lookups,
    private readonly changes: Changes,
  ) {
    this.state = changes.state;
  }

  async run(happenings: readonly Happening[]): Promise<void> {
    this.pending.push(...happenings);
    // It grows while it is worked off.
    for (const happening of this.pending) await this.apply(happening);
  }

  private async apply({ frameId, happened, at = new Date(this.around.now) }: Happening): Promise<void> {
    const frame = await this.frame(frameId);
    if (!frame || frame.status !== 'RUNNING' || (await this.isOrphan(frame))) return;
    const around = { ...this.around, nextEvent: this.state.nextHistoryId };
    let decision = transition(this.definition, frame.state, happened, around);
    if (stopsOthers(decision, happened)) decision = await this.withStopped(decision, frame, { happened, around });
    if (decision.frame === frame.state && decision.history.length === 0) return; // Stale: it has moved on.
    this.changes.moveFrame(frame, decision.frame);
    this.changes.record(frame.id, decision.history, at);
    for (const command of decision.commands) await this.perform(frame, command);
    if (decision.frame.status !== 'RUNNING') this.ended(frame);
  }

  /** Decided once more with what runs below: the history tells of it. */
  private async withStopped(
    decision: Transition,
    { id, state }: StoredFrame,
    { happened, around }: { happened: Happened; around: Surroundings },
  ): Promise<Transition> {
    const running = await this.lookups.running({ id, step: state.step }, this.changes, this.definition);
    return running.length === 0 ? decision : transition(this.definition, state, happened, { ...around, running });
  }

  private async perform(frame: StoredFrame, command: Command): Promise<void> {
    const { id } = frame;
    const { step } = command;
    switch (command.type) {
      case 'RunTask':
        return this.runTask(frame, command);
      case 'StartTimer':
        return this.changes.startTimer(frame, { step, kind: command.kind, fireAt: new Date(command.at) });
      case 'CancelTask':
        // What is stopped with its execution is cancelled with everything else of it; only its own time can be up.
        if (frame.status !== 'ABORTED' && frame.status !== 'TIMED_OUT')
          this.changes.timedOut.push({ frameId: id, step });
        return;
      case 'StartChildren':
        return this.startChildren(frame, command);
      case 'StartChild':
        return this.startChild(frame, command);
      case 'CollectChildren': {
        const outputs = await this.collect(frame, step);
        this.pending.push({ frameId: id, happened: collected(step, outputs) });
        return;
      }
      case 'StopChildren':
        this.changes.stoppedBelow.push({ id, step });
        return;
      default:
        return this.lookups.handle(command, frame, this.changes);
    }
  }

  private async runTask(frame: StoredFrame, command: Extract<Command, { type: 'RunTask' }>): Promise<void> {
    const task = await this.lookups.task(frame.id, command);
    if ('id' in task) return void this.changes.tasks.push(task);
    const { step, resource } = command;
    const before = ACTIVITY.test(resource) ? ({ before: 'schedule' } as const) : {};
    this.pending.push({ frameId: frame.id, happened: { type: 'TaskFailed', step, failure: task, ...before } });
  }

  private startChildren(
    parent: StoredFrame,
    { step, children, start, after }: Extract<Command, { type: 'StartChildren' }>,
  ): void {
    children.forEach(({ index, machine, input, map, variables }, n) => {
      const state = { ...initialFrame(machine, map, variables), input };
      const status = n < start ? 'RUNNING' : 'WAITING';
      const child = this.changes.createFrame({ parent: { id: parent.id, step }, index, status, state });
      if (n < start) this.pending.push({ frameId: child.id, happened: { type: 'Started', input, after: after?.[n] } });
    });
  }

  private async startChild(
    parent: StoredFrame,
    { step, index, after }: Extract<Command, { type: 'StartChild' }>,
  ): Promise<void> {
    const key = { id: parent.id, step };
    const child = this.state.child(key, index) ?? (await this.lookups.child(key, index));
    if (child?.status !== 'WAITING') return;
    this.state.put(child);
    child.status = 'RUNNING';
    this.pending.push({ frameId: child.id, happened: { type: 'Started', input: child.state.input, after } });
  }

  /** The outputs stored before this transaction, with those of this one laid over them. */
  private async collect(parent: StoredFrame, step: number): Promise<Json[] | undefined> {
    const key = { id: parent.id, step };
    const touched = [...this.changes.created.values(), ...this.changes.changed.values()];
    const children = touched.filter((frame) => isChild(frame, key));
    const allHere = children.length === parent.state.children?.total;
    const outputs = allHere ? [] : await this.lookups.outputs(key);
    if (!outputs) return undefined;
    for (const { index, state } of children) if (state.output !== undefined) outputs[index] = state.output;
    return outputs;
  }

  private ended(frame: StoredFrame): void {
    const { status, output = null, failure } = frame.state;
    if (frame.parent) {
      const { id, step } = frame.parent;
      const outcome = childEnded(this.definition, frame.state, { step, index: frame.index });
      this.pending.push({ frameId: id, happened: outcome });
    } else {
      this.changes.ending = status === 'SUCCEEDED' ? { status, output } : { status, ...failure };
    }
  }

  /** A child whose parent has moved on: the state failed, or was stopped, since it was started. */
  private async isOrphan(frame: StoredFrame): Promise<boolean> {
    if (!frame.parent) return false;
    const parent = await this.frame(frame.parent.id);
    return !parent || parent.status !== 'RUNNING' || parent.state.step !== frame.parent.step;
  }

  private async frame(id: number): Promise<StoredFrame | undefined> {
    const known = this.state.frame(id);
    if (known) return known;
    const found = await this.lookups.frame(id);
    if (found) this.state.put(found);
    return found;
  }
}

/** What is stopped with its execution is not told of one by one. */
const stopsOthers = ({ commands }: Transition, { type }: Happened): boolean =>
  type !== 'Stopped' && commands.some((command) => command.type === 'StopChildren');

export const collected = (step: number, outputs: readonly Json[] | undefined): Happened => ({
  type: 'ChildrenCollected',
  step,
  outputs: outputs ?? [],
  ...(!outputs && { isTooLarge: true }),
});

const isChild = (frame: StoredFrame, { id, step }: { id: number; step: number }): boolean =>
  frame.parent?.id === id && frame.parent.step === step;

export function surroundings(
  execution: Execution,
  now: number,
  { random, uuid, maxDataBytes }: Pick<Surroundings, 'random' | 'uuid' | 'maxDataBytes'>,
): Surroundings {
  const { id, name, input, startedAt, workflow, version, machine, redriveCount, redrivenAt } = execution;
  const about = { id, name, input, startTime: startedAt.toISOString(), redriveCount };
  return {
    execution: redrivenAt ? { ...about, redriveTime: redrivenAt.toISOString() } : about,
    stateMachine: { id: `workflow:${workflow}:${version}`, name: workflow },
    root: machine === '' ? undefined : machine,
    now,
    maxDataBytes,
    nextEvent: undefined,
    random,
    uuid,
  };
}
