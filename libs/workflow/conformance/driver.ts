import type {
  Child,
  Command,
  Failure,
  Frame,
  Happened,
  HistoryEvent,
  Json,
  MapRunSpec,
  RunningLine,
  StateMachine,
  Surroundings,
} from '../src/index.js';
import { childEnded, initialFrame, mapRunInputs, runningLine, transition } from '../src/index.js';
import { playMapRun } from './map-run-driver.js';

/** What a task answers, call by call; the last answer is repeated. */
export type Answer =
  | { readonly output: Json }
  | Failure
  /** A text of so many characters. */
  | { readonly characters: number }
  /** Gives its input back. */
  | { readonly echo: true }
  /** Never answers, so that its timeout fires. */
  | { readonly silent: true }
  /** A heartbeat each so many seconds, and after so many of them the answer. */
  | { readonly heartbeats: number; readonly everySeconds: number; readonly output: Json };

export interface Played {
  readonly frame: Frame;
  readonly history: readonly HistoryEvent[];
  readonly tasks: readonly Extract<Command, { type: 'RunTask' }>[];
  /** Seconds that each timer was set for. */
  readonly timers: readonly { kind: string; seconds: number }[];
  readonly mostAtOnce: number;
  /** What each distributed Map asked for. */
  readonly mapRuns: readonly MapRunSpec[];
  /** How many child executions each of them had. */
  readonly childExecutions: readonly number[];
  /** Each frame's inputs, in order, for replaying them. */
  readonly journal: readonly Entry[];
}

interface Entry {
  readonly frame: number;
  readonly happened: Happened;
  readonly around: Surroundings;
}

interface Line {
  frame: Frame;
  readonly parent?: { line: number; step: number; index: number };
  readonly waitingChildren: Child[];
  readonly outputs: Map<number, Json>;
}

export const START = Date.UTC(2026, 0, 1);

export interface Setting {
  readonly definition: StateMachine;
  readonly input: Json;
  readonly answers?: Readonly<Record<string, readonly Answer[]>> | undefined;
  /** What stands in the object store, by `bucket/key`. */
  readonly objects?: Readonly<Record<string, string>> | undefined;
  readonly random?: number;
  readonly maxChildrenAtOnce?: number;
  readonly maxDataBytes?: number;
  /** Of a map run's child: where its machine is, and which it is. */
  readonly child?: { readonly root: string; readonly name: string; readonly calls: Map<string, number> };
}

/** Plays the engine in memory: does each command at once, and lets time jump to the next timer. */
export class Driver {
  private readonly lines: Line[] = [];
  private readonly inbox: { line: number; happened: Happened }[] = [];
  private timers: { line: number; at: number; happened: Happened }[] = [];
  private readonly history: HistoryEvent[] = [];
  private readonly tasks: Extract<Command, { type: 'RunTask' }>[] = [];
  private readonly timersSet: { kind: string; seconds: number }[] = [];
  private readonly journal: Entry[] = [];
  private readonly calls: Map<string, number>;
  private readonly beats: { line: number; step: number; everyMs: number; end: number }[] = [];
  private now = START;
  private running = 0;
  private mostAtOnce = 0;

  private readonly mapRuns: MapRunSpec[] = [];
  private readonly childExecutions: number[] = [];
  private readonly random: number;

  constructor(private readonly setting: Setting) {
    this.random = setting.random ?? 0.5;
    this.calls = setting.child?.calls ?? new Map();
    frozen(setting.definition);
    frozen(setting.input);
  }

  play(): Played {
    this.open(initialFrame(this.setting.child?.root ?? ''), this.setting.input);
    for (let rounds = 0; rounds < 100_000; rounds++) {
      const next = this.inbox.shift() ?? this.nextTimer();
      if (!next) break;
      this.deliver(next.line, next.happened);
    }
    const { history, tasks, journal, mostAtOnce, mapRuns, childExecutions } = this;
    const frame = (this.lines[0] as Line).frame;
    return { frame, history, tasks, timers: this.timersSet, mostAtOnce, journal, mapRuns, childExecutions };
  }

  private surroundings(line: number): Surroundings {
    const { child, input, maxChildrenAtOnce, maxDataBytes } = this.setting;
    const { now, random } = this;
    return {
      nextEvent: this.history.length + 1,
      running: this.runningBelow(line),
      ...(maxChildrenAtOnce !== undefined && { maxChildrenAtOnce }),
      ...(maxDataBytes !== undefined && { maxDataBytes }),
      execution: {
        id: child ? `execution-1/${child.name}` : 'execution-1',
        name: child?.name ?? 'first',
        input,
        startTime: new Date(START).toISOString(),
      },
      stateMachine: { id: 'workflow-1', name: 'demo' },
      ...(child && { root: child.root }),
      now,
      random: () => random,
      uuid: () => '00000000-0000-4000-8000-000000000000',
    };
  }

  private open(frame: Frame, input: Json, parent?: Line['parent'] & { readonly after: number | undefined }): void {
    this.lines.push({ frame, ...(parent && { parent }), waitingChildren: [], outputs: new Map() });
    this.running++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running - 1);
    this.inbox.push({ line: this.lines.length - 1, happened: { type: 'Started', input, after: parent?.after } });
  }

  private runningBelow(above: number): RunningLine[] {
    return this.lines.flatMap(({ frame, parent }, line) => {
      const isBelow = parent?.line === above && parent.step === this.lines[above]?.frame.step;
      if (!isBelow || frame.status !== 'RUNNING' || frame.stateName === '') return [];
      return [runningLine(this.setting.definition, frame, parent.index, this.runningBelow(line))];
    });
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
    const around = this.surroundings(index);
    this.journal.push({ frame: index, happened, around });
    const { frame, commands, history } = transition(
      this.setting.definition,
      frozen(line.frame),
      frozen(happened),
      around,
    );
    line.frame = JSON.parse(JSON.stringify(frame)); // As a database would give it back.
    this.history.push(...history);
    for (const command of commands) this.obey(index, line, command);
    if (wasRunning && frame.status !== 'RUNNING') this.ended(line);
  }

  private ended({ frame, parent }: Line): void {
    this.running--;
    if (!parent) return;
    if (frame.output !== undefined) this.lines[parent.line]?.outputs.set(parent.index, frame.output);
    const { step, index } = parent;
    this.inbox.push({ line: parent.line, happened: childEnded(this.setting.definition, frame, { step, index }) });
  }

  private obey(index: number, line: Line, command: Command): void {
    switch (command.type) {
      case 'RunTask':
        this.tasks.push(command);
        return this.answer(index, command);
      case 'StartTimer': {
        const { step, kind, at } = command;
        this.timersSet.push({ kind, seconds: (at - this.now) / 1000 });
        const due = this.deadline(index, command);
        this.timers.push({ line: index, at: due, happened: { type: 'TimerFired', step, kind } });
        return;
      }
      case 'CancelTask':
      case 'StopMapRun':
        return;
      case 'StartMapRun':
        return this.startMapRun(index, line.frame, command);
      case 'StartChildren':
        this.startChildren(index, line, command);
        return;
      case 'StartChild':
        return this.startChild(index, line, command);
      case 'CollectChildren': {
        const outputs = [...line.outputs].toSorted(([a], [b]) => a - b).map(([, output]) => output);
        this.inbox.push({ line: index, happened: { type: 'ChildrenCollected', step: command.step, outputs } });
        return;
      }
      case 'StopChildren':
        return this.stopChildren(index, command.step);
    }
  }

  /** The first of a Map's children, or those behind them. */
  private startChildren(
    parent: number,
    line: Line,
    { children, start, step, after = [] }: Extract<Command, { type: 'StartChildren' }>,
  ): void {
    const from = children[0]?.index ?? 0;
    line.waitingChildren.splice(from, Infinity, ...children);
    if (from === 0) line.outputs.clear();
    for (let n = 0; n < start; n++) this.startChild(parent, line, { index: from + n, step, after: after[n] });
  }

  /** While its heartbeats come in time, each one moves the task's timer, as in the engine. */
  private deadline(line: number, { step, kind, at }: Extract<Command, { type: 'StartTimer' }>): number {
    const beat = this.beats.find((task) => task.line === line && task.step === step);
    return kind === 'heartbeat' && beat && beat.everyMs <= at - this.now ? beat.end + (at - this.now) : at;
  }

  private beat(line: number, step: number, answer: Extract<Answer, { heartbeats: number }>): void {
    const everyMs = answer.everySeconds * 1000;
    const end = this.now + answer.heartbeats * everyMs;
    this.beats.push({ line, step, everyMs, end });
    this.timers.push({ line, at: end, happened: { type: 'TaskSucceeded', step, output: answer.output } });
  }

  private startChild(
    parent: number,
    line: Line,
    { index, step, after }: Omit<Extract<Command, { type: 'StartChild' }>, 'type'>,
  ): void {
    const { machine, map, variables, input } = line.waitingChildren[index] as Child;
    this.open(initialFrame(machine, map, variables), input, { line: parent, step, index, after });
  }

  private stopChildren(parent: number, step: number): void {
    const failure = { error: 'Stopped', cause: '' };
    this.lines.forEach((line, index) => {
      if (line.frame.status !== 'RUNNING' || line.parent?.line !== parent || line.parent.step !== step) return;
      this.deliver(index, { type: 'Stopped', status: 'ABORTED', failure });
    });
  }

  /** All items are read, and the children played one after the other: what they do cannot depend on each other. */
  private startMapRun(
    line: number,
    frame: Frame,
    { step, stateName, run }: Extract<Command, { type: 'StartMapRun' }>,
  ): void {
    this.mapRuns.push(run);
    const { definition, answers, objects = {} } = this.setting;
    const machine = processorAt(definition, frame, stateName);
    const play = (input: Json, name: string): Played => {
      const played = new Driver({
        definition,
        input,
        answers,
        objects,
        child: { root: machine, name, calls: this.calls },
      }).play();
      this.tasks.push(...played.tasks);
      return played;
    };
    const outcome = playMapRun(
      run,
      objects,
      (items) => mapRunInputs(definition, frame, this.surroundings(line), items),
      play,
    );
    this.childExecutions.push(outcome.children);
    this.inbox.push({ line, happened: { type: 'MapRunStarted', step } });
    this.inbox.push({ line, happened: { ...outcome.happened, step } });
  }

  private answer(line: number, { step, stateName, input }: Extract<Command, { type: 'RunTask' }>): void {
    const call = this.calls.get(stateName) ?? 0;
    this.calls.set(stateName, call + 1);
    const script = this.setting.answers?.[stateName] ?? [{ echo: true }];
    const answer = script[Math.min(call, script.length - 1)] as Answer;
    if ('silent' in answer) return;
    if ('heartbeats' in answer) return this.beat(line, step, answer);
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

/** The JSON Pointer of a Map state's processor. */
function processorAt(definition: StateMachine, { machine }: Frame, stateName: string): string {
  const keys = [...machine.split('/').slice(1), 'States', stateName.replaceAll('~', '~0').replaceAll('/', '~1')];
  const state = keys.reduce<unknown>(
    (found, key) => (found as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    definition,
  ) as object;
  return ['', ...keys, 'ItemProcessor' in state ? 'ItemProcessor' : 'Iterator'].join('/');
}

/** To change one of these is a TypeError. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
