import type { Child, Command, Failure, Frame, Happened, Json, StateMachine, Surroundings } from '../src/index.js';
import { initialFrame, transition } from '../src/index.js';
import { draws } from './random-machine.js';

interface Line {
  frame: Frame;
  readonly key: string;
  readonly inherited: Frame['variables'];
  readonly parent?: { readonly line: Line; readonly step: number; readonly index: number };
  readonly told: { readonly happened: Happened; readonly now: number }[];
  children: readonly Child[];
  outputs: Json[];
  tasks: number;
}

interface Letter {
  readonly line: Line;
  readonly happened: Happened;
}

export interface AdversaryOptions extends Pick<Surroundings, 'maxChildrenAtOnce' | 'maxDataBytes'> {
  /** What the task number `nth` of a line of control answers, if not anything; nothing, if it never did. */
  readonly answerOf?: (key: string, nth: number) => Answered | undefined;
}
export type Answered =
  | { readonly type: 'TaskSucceeded'; readonly output: Json }
  | { readonly type: 'TaskFailed'; readonly failure: Failure };

export interface Outcome {
  readonly status: Frame['status'];
  readonly output: Json;
  readonly error: string | undefined;
}

/**
 * An engine whose messages come in any order, late and more than once, with others that nobody waits for among them.
 * Only a child's end is told once, as an engine ends a frame and tells its parent in one transaction.
 */
export class Adversary {
  private readonly draw: () => number;
  private readonly letters: Letter[] = [];
  private readonly sent: Letter[] = [];
  readonly lines: Line[] = [];
  private now = Date.UTC(2026, 0, 1);

  constructor(
    private readonly definition: StateMachine,
    private readonly input: Json,
    /** 0 for a fair engine: each message once, in the order of their making. */
    private readonly seed: number,
    private readonly options: AdversaryOptions = {},
  ) {
    this.draw = draws(seed);
  }

  play(): Outcome {
    this.open(initialFrame(''), this.input, 'root');
    for (let rounds = 0; rounds < 20_000 && this.letters.length > 0; rounds++) {
      this.now += 1000;
      if (this.seed !== 0) this.disturb();
      const [letter] = this.letters.splice(this.seed === 0 ? 0 : Math.floor(this.draw() * this.letters.length), 1);
      if (letter) this.deliver(letter);
    }
    const { status, output = null, failure } = (this.lines[0] as Line).frame;
    return { status, output, error: failure?.error };
  }

  around(now: number): Surroundings {
    const execution = { id: 'e', name: 'n', input: this.input, startTime: '2026-01-01T00:00:00.000Z' };
    const { maxChildrenAtOnce, maxDataBytes } = this.options;
    return {
      ...(maxChildrenAtOnce !== undefined && { maxChildrenAtOnce }),
      ...(maxDataBytes !== undefined && { maxDataBytes }),
      execution,
      stateMachine: { id: 'w', name: 'd' },
      now,
      random: () => 0.5,
      uuid: () => 'u',
    };
  }

  /** What was told once comes again, or something that was never asked for. */
  private disturb(): void {
    const again = this.sent[Math.floor(this.draw() * this.sent.length)];
    if (!again || this.draw() < 0.5) return;
    const { line, happened } = again;
    const { step: current, waiting } = line.frame;
    const step = current - 1;
    const bogus: Happened[] = [
      happened,
      { type: 'TaskSucceeded', step, output: 'late' },
      { type: 'TaskFailed', step, failure: { error: 'Late', cause: '' } },
      { type: 'TimerFired', step, kind: 'timeout' },
      { type: 'TimerFired', step: current + 1, kind: 'retry' },
      { type: 'TimerFired', step: current, kind: waiting === 'wait' ? 'retry' : 'wait' },
      { type: 'ChildrenCollected', step, outputs: ['late'] },
    ];
    this.deliver({ line, happened: bogus[Math.floor(this.draw() * bogus.length)] as Happened });
  }

  private open(frame: Frame, input: Json, key: string, parent?: Line['parent']): void {
    const { variables: inherited } = frame;
    const line: Line = {
      frame,
      key,
      inherited,
      told: [],
      children: [],
      outputs: [],
      tasks: 0,
      ...(parent && { parent }),
    };
    this.lines.push(line);
    this.send({ line, happened: { type: 'Started', input } });
  }

  private send(letter: Letter): void {
    this.letters.push(letter);
    if (!letter.happened.type.startsWith('Child') || letter.happened.type === 'ChildrenCollected')
      this.sent.push(letter);
  }

  private deliver({ line, happened }: Letter): void {
    const before = line.frame;
    line.told.push({ happened, now: this.now });
    const { frame, commands } = transition(this.definition, before, happened, this.around(this.now));
    line.frame = JSON.parse(JSON.stringify(frame));
    for (const command of commands) this.obey(line, command);
    if (before.status === 'RUNNING' && frame.status !== 'RUNNING') this.ended(line);
  }

  private ended({ frame, parent }: Line): void {
    if (!parent || frame.status === 'ABORTED') return;
    const { line, step, index } = parent;
    if (frame.output !== undefined && line.frame.step === step) line.outputs[index] = frame.output;
    const happened: Happened = frame.failure
      ? { type: 'ChildFailed', step, index, failure: frame.failure }
      : { type: 'ChildSucceeded', step, index };
    this.send({ line, happened });
  }

  private obey(line: Line, command: Command): void {
    const { step } = command;
    switch (command.type) {
      case 'RunTask':
        return this.ask(line, step);
      case 'StartTimer':
        if (command.kind === 'timeout') return; // No task is late; those that come late all the same are bogus.
        return this.send({ line, happened: { type: 'TimerFired', step, kind: command.kind } });
      case 'StartChildren':
        return this.startChildren(line, command);
      case 'StartChild':
        return this.startChild(line, step, command.index);
      case 'CollectChildren':
        return this.send({ line, happened: { type: 'ChildrenCollected', step, outputs: [...line.outputs] } });
      case 'StopChildren':
        return this.stopBelow(line, step);
    }
  }

  private startChildren(line: Line, { step, children, start }: Extract<Command, { type: 'StartChildren' }>): void {
    const from = children[0]?.index ?? 0;
    if (from === 0) line.outputs = [];
    line.children = [...line.children.slice(0, from), ...children];
    for (let index = from; index < from + start; index++) this.startChild(line, step, index);
  }

  private startChild(line: Line, step: number, index: number): void {
    const { machine, map, variables, input } = line.children[index] as Child;
    this.open(initialFrame(machine, map, variables), input, `${line.key}/${step}.${index}`, { line, step, index });
  }

  private stopBelow(parent: Line, step: number): void {
    const failure = { error: 'Stopped', cause: '' };
    for (const line of this.lines) {
      if (line.parent?.line !== parent || line.parent.step !== step || line.frame.status !== 'RUNNING') continue;
      this.deliver({ line, happened: { type: 'Stopped', status: 'ABORTED', failure } });
    }
  }

  private ask(line: Line, step: number): void {
    const { answerOf } = this.options;
    if (!answerOf) return this.send({ line, happened: this.answer(line, step) });
    const answered = answerOf(line.key, line.tasks++);
    if (answered) this.send({ line, happened: { ...answered, step } });
  }

  /** What a task answers depends on where it is and how often it was asked, never on when. */
  private answer(line: Line, step: number): Happened {
    const path = `${line.frame.machine}.${line.frame.stateName}.${line.frame.map?.index ?? ''}.${line.tasks++}`;
    const chance = draws([...path].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) | 0, 7))();
    if (chance < 0.2) return { type: 'TaskFailed', step, failure: { error: 'Busy', cause: '' } };
    return { type: 'TaskSucceeded', step, output: chance < 0.6 ? Math.round(chance * 100) : [line.frame.input] };
  }
}
