import { EventLine } from './event-line.js';
import { AslFailure } from './failure.js';
import { resultBytes, withinLimits } from './limits.js';
import type { Command, Failure, Frame, FrameStatus, HistoryEvent, Json, Transition } from './model.js';
import { caught, retried } from './recover.js';
import { QueryFailure } from './jsonata/query-error.js';
import { event, failureDetails, type Left, type Move, type Scene, stateOf, whereFailed } from './scene.js';
import { endedWith, isRuntime } from './states/ended-with.js';
import { enter } from './states/enter.js';
import { timeText } from './timestamp.js';
import { withVariables } from './variables.js';

/** States passed in one transition; then the frame yields, so that an endless loop cannot hold its caller. */
const MAX_STATES = 1000;
/** The same for what they pass on: each state's data are walked, and written into the history twice. */
const MAX_BYTES = 4 * 1024 * 1024;

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

const NO_RETRIES: Frame['retries'] = Object.freeze({});

/** One run of a frame: from what happened on, through as many states as need nothing from outside. */
export class Course {
  private readonly commands: Command[] = [];
  private readonly history: HistoryEvent[] = [];
  private states = 0;
  private bytes = 0;
  /** Of a history that is numbered. */
  readonly line: EventLine | undefined;
  private readonly given: Frame;

  constructor(private scene: Scene) {
    this.given = scene.frame;
    this.line = lineOf(scene, this.isRoot);
  }

  record(...events: readonly HistoryEvent[]): this {
    const { line } = this;
    if (line) for (const { type, details } of events) this.history.push({ type, details, previous: line.follow(type) });
    else this.history.push(...events);
    return this;
  }

  ask(...commands: readonly Command[]): this {
    this.commands.push(...(this.line ? commands.map((command) => this.numbered(command)) : commands));
    return this;
  }

  /** The frame has moved without a state being left. */
  become(frame: Frame): this {
    this.set(frame);
    return this;
  }

  /** Begins the machine. */
  start(input: Json, after: number | undefined): Transition {
    const { around, machine } = this.scene;
    if (after !== undefined) this.line?.moveTo(after);
    const { roleArn } = around.execution;
    if (this.isRoot) this.record(event('ExecutionStarted', { input, ...(roleArn !== undefined && { roleArn }) }));
    return this.follow(() => this.goTo(machine.StartAt, withinLimits(input, 'The input', around.maxDataBytes)));
  }

  /** Goes into the state that the frame stands before, after a yield. */
  resume(): Transition {
    return this.follow(() => this.enterState());
  }

  /** Plays the move, and all that follow from it, until the frame waits or ends. */
  follow(first: () => Move | undefined): Transition {
    let move = this.attempt(first);
    while (move) {
      const next = move;
      this.record(...(next.history ?? [])).ask(...(next.commands ?? []));
      move = this.attempt(() => this.play(next));
    }
    return this.stay();
  }

  stay(): Transition {
    const { commands, history, line, given } = this;
    let frame: Mutable<Frame> = this.scene.frame;
    if (line && frame.lastEvent !== line.last) {
      if (frame === given) frame = { ...given };
      frame.lastEvent = line.last;
    }
    return { frame, commands, history };
  }

  end(status: FrameStatus, result: Pick<Frame, 'output' | 'failure'>): undefined {
    const { frame } = this.scene;
    // What a redrive must know of children that were not made.
    const isUnmade = status !== 'SUCCEEDED' && frame.children?.made !== undefined;
    const unmade = isUnmade ? { children: frame.children, items: frame.items } : {};
    this.set(Object.assign(idle(frame), unmade, { status }, result));
    if (this.isRoot) this.record(event(ENDED[status], endDetails(result)));
  }

  private play(move: Move): Move | undefined {
    switch (move.type) {
      case 'Wait':
        return this.wait(move);
      case 'Fail':
        return this.fail(move.failure, move.matchedAs);
      case 'Leave':
        return this.leave(move.left, move.next);
    }
  }

  private wait({ waiting, set, isSameStep }: Extract<Move, { type: 'Wait' }>): undefined {
    const { frame } = this.scene;
    if (isSameStep) return this.set({ ...frame, ...set });
    const next = idle(frame);
    this.set(Object.assign(next, set, { step: frame.step + 1, waiting }));
  }

  /** Children begin where they were told of: iterations at an event of each, which are the last ones, branches at that of all. */
  private numbered(command: Command): Command {
    const { line } = this;
    if (!line || (command.type !== 'StartChildren' && command.type !== 'StartChild')) return command;
    if (command.type === 'StartChild') return { ...command, after: line.next - 1 };
    const isMap = stateOf(this.scene).Type === 'Map';
    const { start } = command;
    const after = Array.from({ length: start }, (_, n) => (isMap ? line.next - start + n : line.last));
    return { ...command, after };
  }

  private fail(reason: Failure, matchedAs = reason.error): Move | undefined {
    const failure = clipped(reason);
    const state = stateOf(this.scene);
    const retry = retried(this.scene, state, matchedAs);
    if (retry) return retry;
    const before = this.line?.last ?? 0;
    this.recordFailed(failure);
    try {
      return caught(this.scene, state, failure, matchedAs) ?? this.end('FAILED', { failure });
    } catch (error) {
      // A catcher that fails is not caught again, so this ends. AWS has it fail before the state does.
      this.line?.moveTo(before);
      const second = clipped(this.failureOf(error));
      this.recordFailed(second);
      return this.end('FAILED', { failure: second });
    }
  }

  /** AWS writes it of states that have others inside, once no retry is left, and never of what ends the execution at once. */
  private recordFailed(failure: Failure): void {
    const { Type } = stateOf(this.scene);
    const hasOthers = Type === 'Parallel' || Type === 'Map';
    if (hasOthers && !isRuntime(failure)) this.record(event(`${Type}StateFailed`, {}));
  }

  private leave({ output, assigned }: Left, next: string | undefined): Move | undefined {
    const { Type } = stateOf(this.scene);
    const { stateName: name } = this.scene.frame;
    this.bytes += resultBytes(output, name, this.scene.around.maxDataBytes);
    if (assigned) this.set(withVariables(this.scene, assigned));
    this.record(event(`${Type}StateExited`, { name, output, ...(assigned && { assignedVariables: assigned }) }));
    return next === undefined ? this.end('SUCCEEDED', { output }) : this.goTo(next, output);
  }

  private goTo(stateName: string, input: Json): Move | undefined {
    const next = idle(this.scene.frame);
    this.set(Object.assign(next, { stateName, input, retries: NO_RETRIES }));
    if (this.states < MAX_STATES && this.bytes < MAX_BYTES) return this.enterState();
    const at = this.scene.around.now;
    const step = this.scene.frame.step + 1;
    return { type: 'Wait', waiting: 'yield', commands: [{ type: 'StartTimer', step, kind: 'yield', at }] };
  }

  private enterState(): Move {
    this.states++;
    const enteredAt = timeText(this.scene.around.now);
    const frame = Object.assign(idle(this.scene.frame), { enteredAt, enteredEvent: this.line?.next });
    this.set(frame);
    const state = stateOf(this.scene);
    this.record(event(`${state.Type}StateEntered`, { name: frame.stateName, input: frame.input }));
    return enter(this.scene, state);
  }

  private get isRoot(): boolean {
    return this.scene.frame.machine === (this.scene.around.root ?? '');
  }

  private set(frame: Frame): undefined {
    this.scene = { ...this.scene, frame };
  }

  /** A failed evaluation is a failed state. Before the first state there is none, so the frame fails. */
  private attempt(evaluate: () => Move | undefined): Move | undefined {
    try {
      return evaluate();
    } catch (error) {
      const failure = clipped(this.failureOf(error));
      const { stateName, waiting, step } = this.scene.frame;
      if (stateName === '') return this.end('FAILED', { failure });
      if (waiting !== 'children') return { type: 'Fail', failure };
      const history = endedWith(this.scene, failure);
      return { type: 'Fail', failure, history, commands: [{ type: 'StopChildren', step }] };
    }
  }

  private failureOf(error: unknown): Failure {
    const failure = failureIn(this.scene.frame, error);
    if (error instanceof QueryFailure) {
      const { location } = error;
      const place = { ...(location !== undefined && { location }), state: this.scene.frame.stateName };
      this.record(event('EvaluationFailed', { ...clipped(failure), ...place }));
    }
    return failure;
  }
}

/** The failure of the state that the frame is in; any other error is ours. */
export function failureIn(frame: Frame, error: unknown): Failure {
  if (!(error instanceof AslFailure)) throw error;
  return { error: error.error, cause: (WITHOUT_PLACE.has(error.error) ? '' : whereFailed(frame)) + error.cause };
}

/** Of a frame that an earlier version has written, it goes on from the event before. */
function lineOf({ frame: { lastEvent, stateName }, around: { nextEvent } }: Scene, isRoot: boolean) {
  if (nextEvent === undefined) return undefined;
  return new EventLine(lastEvent ?? (isRoot && stateName === '' ? 0 : nextEvent - 1), nextEvent);
}

/** AWS does not say where these happened. */
const WITHOUT_PLACE: ReadonlySet<string> = new Set(['States.DataLimitExceeded', 'States.ReferencePathConflict']);

/** AWS's limits on what is told of a failure, which is also made to be kept: a cut may go through a pair. */
const clipped = ({ error, cause }: Failure): Failure => ({
  error: storable(error.slice(0, 256)),
  cause: storable(cause.slice(0, 32_768)),
});

/** Postgres' jsonb holds neither NUL nor half of a surrogate pair. */
const storable = (text: string): string => text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');

/**
 * The frame, waiting for nothing. Field by field, as all frames then have one shape: with spreads, half of a
 * transition's time goes into copying. The type complains when a field is forgotten.
 */
const idle = (frame: Frame): { [Field in keyof Required<Frame>]: Frame[Field] } => ({
  machine: frame.machine,
  stateName: frame.stateName,
  step: frame.step,
  input: frame.input,
  status: frame.status,
  retries: frame.retries,
  enteredAt: frame.enteredAt,
  map: frame.map,
  variables: frame.variables,
  variableBytes: frame.variableBytes,
  enteredEvent: frame.enteredEvent,
  lastEvent: frame.lastEvent,
  output: frame.output,
  failure: frame.failure,
  waiting: undefined,
  children: undefined,
  items: undefined,
  token: undefined,
});

const ENDED: Record<FrameStatus, string> = {
  RUNNING: 'ExecutionStarted',
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
};

const endDetails = ({ output, failure }: Pick<Frame, 'output' | 'failure'>) =>
  failure ? failureDetails(failure) : { output: output ?? null };
