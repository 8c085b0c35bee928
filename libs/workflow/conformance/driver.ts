import type {
  Child,
  Command,
  Failure,
  Frame,
  Happened,
  HistoryEvent,
  Json,
  StateMachine,
  Surroundings,
} from '../src/index.js';
import { initialFrame, transition } from '../src/index.js';

/** What a task answers, call by call; the last answer is repeated. */
export type Answer =
  | { readonly output: Json }
  | Failure
  /** A text of so many characters. */
  | { readonly characters: number }
  /** Gives its input back. */
  | { readonly echo: true }
  /** Never answers, so that its timeout fires. */
  | { readonly silent: true };

export interface Played {
  readonly frame: Frame;
  readonly history: readonly HistoryEvent[];
  readonly tasks: readonly Extract<Command, { type: 'RunTask' }>[];
  /** Seconds that each timer was set for. */
  readonly timers: readonly { kind: string; seconds: number }[];
  readonly mostAtOnce: number;
  /** Each frame's inputs, in order, for replaying them. */
  readonly journal: readonly { frame: number; happened: Happened; now: number; random: number }[];
}

interface Line {
  frame: Frame;
  readonly parent?: { line: number; step: number; index: number };
  readonly waitingChildren: Child[];
  readonly outputs: Map<number, Json>;
}

export const START = Date.UTC(2026, 0, 1);

/** Plays the engine in memory: does each command at once, and lets time jump to the next timer. */
export class Driver {
  private readonly lines: Line[] = [];
  private readonly inbox: { line: number; happened: Happened }[] = [];
  private timers: { line: number; at: number; happened: Happened }[] = [];
  private readonly history: HistoryEvent[] = [];
  private readonly tasks: Extract<Command, { type: 'RunTask' }>[] = [];
  private readonly timersSet: { kind: string; seconds: number }[] = [];
  private readonly journal: { frame: number; happened: Happened; now: number; random: number }[] = [];
  private readonly calls = new Map<string, number>();
  private now = START;
  private running = 0;
  private mostAtOnce = 0;

  constructor(
    private readonly definition: StateMachine,
    private readonly input: Json,
    private readonly answers: Readonly<Record<string, readonly Answer[]>> = {},
    private readonly random = 0.5,
  ) {
    frozen(definition);
    frozen(input);
  }

  play(): Played {
    this.open(initialFrame(''), this.input);
    for (let rounds = 0; rounds < 100_000; rounds++) {
      const next = this.inbox.shift() ?? this.nextTimer();
      if (!next) break;
      this.deliver(next.line, next.happened);
    }
    const { history, tasks, journal, mostAtOnce } = this;
    const frame = (this.lines[0] as Line).frame;
    return { frame, history, tasks, timers: this.timersSet, mostAtOnce, journal };
  }

  surroundings(now = this.now, random = this.random): Surroundings {
    return {
      execution: { id: 'execution-1', name: 'first', input: this.input, startTime: new Date(START).toISOString() },
      stateMachine: { id: 'workflow-1', name: 'demo' },
      now,
      random: () => random,
      uuid: () => '00000000-0000-4000-8000-000000000000',
    };
  }

  private open(frame: Frame, input: Json, parent?: Line['parent']): void {
    this.lines.push({ frame, ...(parent && { parent }), waitingChildren: [], outputs: new Map() });
    this.running++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running - 1);
    this.inbox.push({ line: this.lines.length - 1, happened: { type: 'Started', input } });
  }

  private nextTimer(): { line: number; happened: Happened } | undefined {
    const timer = this.timers.toSorted((a, b) => a.at - b.at)[0];
    this.timers = this.timers.filter((other) => other !== timer);
    if (timer) this.now = Math.max(this.now, timer.at);
    return timer;
  }

  private deliver(index: number, happened: Happened): void {
    const line = this.lines[index] as Line;
    const wasRunning = line.frame.status === 'RUNNING';
    this.journal.push({ frame: index, happened, now: this.now, random: this.random });
    const { frame, commands, history } = transition(
      this.definition,
      frozen(line.frame),
      frozen(happened),
      this.surroundings(),
    );
    line.frame = JSON.parse(JSON.stringify(frame)); // As a database would give it back.
    this.history.push(...history);
    for (const command of commands) this.obey(index, line, command);
    if (wasRunning && frame.status !== 'RUNNING') this.ended(line);
  }

  private ended({ frame, parent }: Line): void {
    this.running--;
    if (!parent) return;
    const { step, index } = parent;
    if (frame.output !== undefined) this.lines[parent.line]?.outputs.set(index, frame.output);
    const happened: Happened = frame.failure
      ? { type: 'ChildFailed', step, index, failure: frame.failure }
      : { type: 'ChildSucceeded', step, index };
    this.inbox.push({ line: parent.line, happened });
  }

  private obey(index: number, line: Line, command: Command): void {
    switch (command.type) {
      case 'RunTask':
        this.tasks.push(command);
        return this.answer(index, command);
      case 'StartTimer': {
        const { step, kind, at } = command;
        this.timersSet.push({ kind, seconds: (at - this.now) / 1000 });
        this.timers.push({ line: index, at, happened: { type: 'TimerFired', step, kind } });
        return;
      }
      case 'CancelTask':
        return;
      case 'StartChildren':
        line.waitingChildren.splice(0, Infinity, ...command.children);
        line.outputs.clear();
        for (let child = 0; child < command.start; child++) this.startChild(index, line, child, command.step);
        return;
      case 'StartChild':
        return this.startChild(index, line, command.index, command.step);
      case 'CollectChildren': {
        const outputs = [...line.outputs].toSorted(([a], [b]) => a - b).map(([, output]) => output);
        this.inbox.push({ line: index, happened: { type: 'ChildrenCollected', step: command.step, outputs } });
        return;
      }
      case 'StopChildren':
        return this.stopChildren(index, command.step);
    }
  }

  private startChild(parent: number, line: Line, index: number, step: number): void {
    const { machine, map, input } = line.waitingChildren[index] as Child;
    this.open(initialFrame(machine, map), input, { line: parent, step, index });
  }

  private stopChildren(parent: number, step: number): void {
    const failure = { error: 'Stopped', cause: '' };
    this.lines.forEach((line, index) => {
      if (line.frame.status !== 'RUNNING' || line.parent?.line !== parent || line.parent.step !== step) return;
      this.deliver(index, { type: 'Stopped', status: 'ABORTED', failure });
    });
  }

  private answer(line: number, { step, stateName, input }: Extract<Command, { type: 'RunTask' }>): void {
    const call = this.calls.get(stateName) ?? 0;
    this.calls.set(stateName, call + 1);
    const script = this.answers[stateName] ?? [{ echo: true }];
    const answer = script[Math.min(call, script.length - 1)] as Answer;
    if ('silent' in answer) return;
    this.inbox.push({ line, happened: { type: 'TaskStarted', step } });
    if ('error' in answer) this.inbox.push({ line, happened: { type: 'TaskFailed', step, failure: answer } });
    else {
      this.inbox.push({ line, happened: { type: 'TaskSucceeded', step, output: outputOf(answer, input) } });
    }
  }
}

function outputOf(answer: Exclude<Answer, Failure | { silent: true }>, input: Json): Json {
  if ('echo' in answer) return input;
  return 'characters' in answer ? 'x'.repeat(answer.characters) : answer.output;
}

/** To change one of these is a TypeError. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
