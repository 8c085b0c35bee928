import { describe, expect, it } from '@jest/globals';
import {
  type Frame,
  type Happened,
  initialFrame,
  type Json,
  type State,
  type StateMachine,
  type Surroundings,
  type TimerKind,
  type Transition,
  transition,
} from './index.js';

const NOW = Date.UTC(2026, 0, 1);
const around: Surroundings = {
  execution: { id: 'e', name: 'n', input: {}, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'w', name: 'demo' },
  now: NOW,
  random: () => 0.5,
  uuid: () => 'u',
};

const work: State = {
  Type: 'Task',
  Resource: 'function:work',
  TimeoutSeconds: 10,
  Retry: [{ ErrorEquals: ['Busy'] }],
  End: true,
};
const inner = (name: string) => ({ StartAt: name, States: { [name]: { ...work, Retry: [] } } });
const parallel: State = { Type: 'Parallel', Branches: [inner('A'), inner('B')], End: true };
const map: State = { Type: 'Map', ItemProcessor: inner('A'), MaxConcurrency: 2, End: true };
const machine = (state: State): StateMachine => ({ StartAt: 'S', States: { S: state } });

/** What comes of all that happened, in its order. */
function play(definition: StateMachine, ...all: Happened[]): Transition {
  const nothing: Transition = { frame: initialFrame(''), commands: [], history: [] };
  return all.reduce<Transition>(({ frame }, happened) => transition(definition, frame, happened, around), nothing);
}

const started = (input: Json = {}): Happened => ({ type: 'Started', input });
const succeeded = (step: number, output: Json = 'ok'): Happened => ({ type: 'TaskSucceeded', step, output });
const failed = (step: number, error = 'Busy'): Happened => ({
  type: 'TaskFailed',
  step,
  failure: { error, cause: '' },
});
const fired = (step: number, kind: TimerKind): Happened => ({
  type: 'TimerFired',
  step,
  kind,
});
const childSucceeded = (step: number, index: number): Happened => ({ type: 'ChildSucceeded', step, index });
const childFailed = (step: number, index: number): Happened => ({
  type: 'ChildFailed',
  step,
  index,
  failure: { error: 'Busy', cause: 'no slot' },
});
const stopped: Happened = { type: 'Stopped', status: 'ABORTED', failure: { error: 'Enough', cause: 'by hand' } };

const unchanged = (definition: StateMachine, frame: Frame, happened: Happened) =>
  expect(transition(definition, frame, happened, around)).toEqual({ frame, commands: [], history: [] });

describe('a Task', () => {
  it('is asked for with its timeout', () => {
    const { commands, frame } = play(machine(work), started({ x: 1 }));
    expect(commands).toEqual([
      { type: 'RunTask', step: 1, stateName: 'S', resource: 'function:work', input: { x: 1 }, timeoutSeconds: 10 },
      { type: 'StartTimer', step: 1, kind: 'timeout', at: NOW + 10_000 },
    ]);
    expect(frame).toMatchObject({ stateName: 'S', step: 1, waiting: 'task', status: 'RUNNING' });
  });

  it('carries its heartbeat', () => {
    const state: State = { ...work, HeartbeatSeconds: 3 };
    expect(play(machine(state), started()).commands[0]).toMatchObject({ heartbeatSeconds: 3 });
  });

  it('that is answered by token has one, and a timer for its heartbeat', () => {
    const Resource = 'function:work.waitForTaskToken';
    const state: State = { ...work, Resource, HeartbeatSeconds: 3, Parameters: { 'token.$': '$$.Task.Token' } };
    const { commands, frame } = play(machine(state), started());
    expect(commands).toMatchObject([
      { type: 'RunTask', token: 'u', input: { token: 'u' }, heartbeatSeconds: 3 },
      { type: 'StartTimer', step: 1, kind: 'timeout' },
      { type: 'StartTimer', step: 1, kind: 'heartbeat', at: NOW + 3000 },
    ]);
    const missed = transition(machine(state), frame, fired(1, 'heartbeat'), around);
    expect(missed.commands).toEqual([{ type: 'CancelTask', step: 1 }]);
    expect(missed.frame).toMatchObject({ status: 'FAILED', failure: { error: 'States.Timeout' } });
    expect(missed.frame.token).toBeUndefined();
  });

  it('of a function has no timer for its heartbeat, as functions send none', () => {
    const { commands } = play(machine({ ...work, HeartbeatSeconds: 3 }), started());
    expect(commands.map(({ type }) => type)).toEqual(['RunTask', 'StartTimer']);
  });

  it('is cancelled when its time is over, and fails with a timeout', () => {
    const { commands, frame, history } = play(machine(work), started(), fired(1, 'timeout'));
    expect(commands).toEqual([{ type: 'CancelTask', step: 1 }]);
    expect(frame).toMatchObject({ status: 'FAILED', failure: { error: 'States.Timeout' } });
    expect(history.map(({ type }) => type)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  });

  it('that has started is written into the history and changes nothing else', () => {
    const { frame } = play(machine(work), started());
    const next = transition(
      machine(work),
      frame,
      { type: 'TaskStarted', step: 1, details: { executor: 'e1' } },
      around,
    );
    expect(next).toEqual({ frame, commands: [], history: [{ type: 'TaskStarted', details: { executor: 'e1' } }] });
  });

  it('is asked for again with a new step after the back-off', () => {
    const waiting = play(machine(work), started(), failed(1));
    expect(waiting.commands).toEqual([{ type: 'StartTimer', step: 2, kind: 'retry', at: NOW + 1000 }]);
    expect(waiting.frame).toMatchObject({ waiting: 'retry', retries: { 0: 1 } });
    const again = transition(machine(work), waiting.frame, fired(2, 'retry'), around);
    expect(again.commands[0]).toMatchObject({ type: 'RunTask', step: 3 });
  });
});

describe('what is late or comes twice', () => {
  const { frame: running } = play(machine(work), started());
  const { frame: backingOff } = play(machine(work), started(), failed(1));
  const { frame: done } = play(machine(work), started(), succeeded(1));

  it('does not start a frame again', () => unchanged(machine(work), running, started({ other: true })));
  it('does not answer a later task', () => unchanged(machine(work), { ...running, step: 2 }, succeeded(1)));
  it('does not answer a task that failed', () => unchanged(machine(work), backingOff, succeeded(1)));
  it('does not answer the timer that took the step after', () => unchanged(machine(work), backingOff, succeeded(2)));
  it('does not fire the timer of a task that ended', () => unchanged(machine(work), backingOff, fired(1, 'timeout')));
  it('does not fire a timer of another kind', () => unchanged(machine(work), running, fired(1, 'wait')));
  it('does not change a frame that ended', () => {
    unchanged(machine(work), done, failed(1));
    unchanged(machine(work), done, stopped);
  });
  it('does not count a child of an earlier attempt', () => {
    const { frame } = play(machine(parallel), started());
    unchanged(machine(parallel), { ...frame, step: 5 }, childSucceeded(1, 0));
  });
});

describe('a Parallel state', () => {
  it('starts a child for each branch', () => {
    expect(play(machine(parallel), started({ x: 1 })).commands).toEqual([
      {
        type: 'StartChildren',
        step: 1,
        start: 2,
        children: [
          { index: 0, machine: '/States/S/Branches/0', input: { x: 1 } },
          { index: 1, machine: '/States/S/Branches/1', input: { x: 1 } },
        ],
      },
    ]);
  });

  it('asks for the outputs when all have succeeded, and takes them in order', () => {
    const collecting = play(machine(parallel), started(), childSucceeded(1, 1), childSucceeded(1, 0));
    expect(collecting.commands).toEqual([{ type: 'CollectChildren', step: 1 }]);
    const outputs: Happened = { type: 'ChildrenCollected', step: 1, outputs: ['a', 'b'] };
    expect(transition(machine(parallel), collecting.frame, outputs, around).frame).toMatchObject({
      status: 'SUCCEEDED',
      output: ['a', 'b'],
    });
  });

  it('stops the others when one fails', () => {
    const { commands, frame } = play(machine(parallel), started(), childSucceeded(1, 1), childFailed(1, 0));
    expect(commands).toEqual([{ type: 'StopChildren', step: 1 }]);
    expect(frame).toMatchObject({ status: 'FAILED', failure: { error: 'Busy', cause: 'no slot' } });
    expect(frame.children).toBeUndefined();
  });

  it('runs its branches in frames of their own, which end without a word about the execution', () => {
    const frame = initialFrame('/States/S/Branches/1');
    const first = transition(machine(parallel), frame, started(), around);
    expect(first.commands[0]).toMatchObject({ type: 'RunTask', stateName: 'B' });
    const last = transition(machine(parallel), first.frame, succeeded(1), around);
    expect(last.frame).toMatchObject({ status: 'SUCCEEDED', output: 'ok' });
    expect([...first.history, ...last.history].map(({ type }) => type)).toEqual([
      'TaskStateEntered',
      'TaskScheduled',
      'TaskSucceeded',
      'TaskStateExited',
    ]);
  });
});

describe('a Map state', () => {
  it('hands out all its items and starts as many as may run', () => {
    expect(play(machine(map), started(['a', 'b', 'c'])).commands).toMatchObject([
      { type: 'StartChildren', start: 2, children: [{ map: { index: 0, value: 'a' } }, { index: 1 }, { input: 'c' }] },
    ]);
  });

  it('starts the next one when one is done', () => {
    const all = [started(['a', 'b', 'c']), childSucceeded(1, 1)];
    const next = play(machine(map), ...all);
    expect(next.commands).toEqual([{ type: 'StartChild', step: 1, index: 2 }]);
    expect(next.frame.children).toEqual({ total: 3, started: 3, finished: 1 });
    expect(play(machine(map), ...all, childSucceeded(1, 0)).commands).toEqual([]);
  });

  it('refuses to hand out more than 64 MiB', () => {
    const selector: State = { ...map, ItemsPath: '$.items', ItemSelector: { 'all.$': '$' } };
    const input = { items: Array.from({ length: 300 }, () => 1), blob: 'x'.repeat(250_000) };
    expect(play(machine(selector), started(input)).frame.failure?.error).toBe('States.DataLimitExceeded');
  });
});

describe('to stop a frame', () => {
  it('cancels its task', () => {
    const { commands, frame, history } = play(machine(work), started(), stopped);
    expect(commands).toEqual([{ type: 'CancelTask', step: 1 }]);
    expect(frame).toMatchObject({ status: 'ABORTED', failure: { error: 'Enough', cause: 'by hand' } });
    expect(frame.waiting).toBeUndefined();
    expect(history).toEqual([{ type: 'ExecutionAborted', details: { error: 'Enough', cause: 'by hand' } }]);
  });

  it('stops its children, those that are being collected too', () => {
    expect(play(machine(parallel), started(), stopped).commands).toEqual([{ type: 'StopChildren', step: 1 }]);
    const collecting = [started(), childSucceeded(1, 0), childSucceeded(1, 1)];
    expect(play(machine(parallel), ...collecting, stopped).commands).toEqual([{ type: 'StopChildren', step: 1 }]);
  });

  it('cancels nothing while it waits for a retry', () => {
    expect(play(machine(work), started(), failed(1), stopped).commands).toEqual([]);
  });

  it('works before it has started', () => {
    expect(play(machine(work), stopped).frame.status).toBe('ABORTED');
  });

  it('because the execution ran too long is told as a timeout', () => {
    const { history, frame } = play(machine(work), started(), { ...stopped, status: 'TIMED_OUT' } as Happened);
    expect(history[0]?.type).toBe('ExecutionTimedOut');
    expect(frame.status).toBe('TIMED_OUT');
  });
});

describe('an endless loop', () => {
  const loop: StateMachine = {
    StartAt: 'A',
    States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } },
  };

  it('yields after a thousand states and goes on when its timer fires', () => {
    const first = play(loop, started({ x: 1 }));
    expect(first.commands).toEqual([{ type: 'StartTimer', step: 1, kind: 'yield', at: NOW }]);
    expect(first.history.filter(({ type }) => type === 'PassStateEntered')).toHaveLength(1000);
    expect(first.frame).toMatchObject({ stateName: 'A', waiting: 'yield', input: { x: 1 } });
    const second = transition(loop, first.frame, fired(1, 'yield'), around);
    expect(second.frame).toMatchObject({ step: 2, waiting: 'yield' });
  });
});

const deep = (levels: number): Json => {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
};

it('yields sooner when the data are large', () => {
  const loop: StateMachine = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' } } };
  const { frame, history } = play(loop, started('x'.repeat(200_000)));
  expect(frame.waiting).toBe('yield');
  expect(history.filter(({ type }) => type === 'PassStateEntered')).toHaveLength(21);
});

describe('hostile data', () => {
  it('that are too deep fail the frame', () => {
    expect(play(machine(work), started(deep(100_000))).frame.failure?.error).toBe('States.Runtime');
    expect(play(machine(work), started(), succeeded(1, deep(100_000))).frame.failure?.error).toBe('States.Runtime');
  });

  it('that are as deep as they may be are walked by everything', () => {
    const input = { a: deep(990), list: [deep(990)] };
    const Parameters = {
      'found.$': '$..zzz',
      'text.$': 'States.JsonToString($.a)',
      'same.$': 'States.ArrayContains($.list, $.a)',
      'unique.$': 'States.ArrayLength(States.ArrayUnique($.list))',
    };
    const { frame } = play(machine({ Type: 'Pass', Parameters, End: true }), started(input));
    expect(frame.output).toMatchObject({ found: [], same: true, unique: 1 });
  });

  it('that are too large fail the frame before its first state', () => {
    const { history } = play(machine({ Type: 'Pass', End: true }), started('x'.repeat(300_000)));
    expect(history.map(({ type }) => type)).toEqual(['ExecutionStarted', 'ExecutionFailed']);
  });

  it('that grow too large as their failure is caught fail the frame, whatever is caught', () => {
    const state: State = {
      ...work,
      Retry: [],
      Catch: [{ ErrorEquals: ['Busy', 'States.DataLimitExceeded'], ResultPath: '$.caught', Next: 'S' }],
    };
    const { frame } = play(machine(state), started({ x: 'x'.repeat(262_120) }), failed(1));
    expect(frame).toMatchObject({ status: 'FAILED', failure: { error: 'States.DataLimitExceeded' } });
  });

  it('in a failure are clipped', () => {
    const failure = { error: 'E'.repeat(1000), cause: 'c'.repeat(100_000) };
    const { frame } = play(machine(work), started(), { type: 'TaskFailed', step: 1, failure });
    expect(frame.failure).toEqual({ error: 'E'.repeat(256), cause: 'c'.repeat(32_768) });
  });

  it('that grow deeper with each state fail at last', () => {
    const definition: StateMachine = {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'a.$': '$' }, Next: 'A' } },
    };
    const { frame } = play(definition, started(deep(950)));
    expect(frame.failure?.error).toBe('States.Runtime');
  });
});

it('gives the same for the same', () => {
  const all = [started(['a', 'b']), childSucceeded(1, 0)];
  expect(play(machine(map), ...all)).toEqual(play(machine(map), ...all));
});
