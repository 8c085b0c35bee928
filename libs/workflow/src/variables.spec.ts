import { describe, expect, it } from '@jest/globals';
import {
  type Frame,
  type Happened,
  initialFrame,
  type Json,
  type JsonObject,
  type State,
  type StateMachine,
  type Surroundings,
  transition,
} from './index.js';

const around: Surroundings = {
  execution: { id: 'e', name: 'n', input: {}, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'w', name: 'demo' },
  now: Date.UTC(2026, 0, 1),
  random: () => 0.5,
  uuid: () => 'u',
};
const started = (input: Json): Happened => ({ type: 'Started', input });
const start = (definition: StateMachine, input: Json = {}, frame: Frame = initialFrame('')) =>
  transition(definition, frame, started(input), around);

const wait: State = { Type: 'Wait', Seconds: 1, End: true };
const assign = (Assign: JsonObject, Next: string): State => ({ Type: 'Pass', Assign, Next });
const branch = (name: string, Parameters: Json) => ({
  StartAt: name,
  States: { [name]: { Type: 'Pass', Parameters, End: true } as State },
});
const machine = (States: StateMachine['States']): StateMachine => ({
  StartAt: Object.keys(States)[0] as string,
  States,
});

describe('variables', () => {
  it('are set when the state is left, all from the values before', () => {
    const first = assign({ 'x.$': '$', y: 1 }, 'B');
    const { frame, history } = start(
      machine({ A: first, B: assign({ 'x.$': '$y', 'y.$': '$x' }, 'W'), W: wait }),
      'in',
    );
    expect(frame.variables).toEqual({ x: 1, y: 'in' });
    const exits = history.filter(({ type }) => type === 'PassStateExited');
    expect(exits.map(({ details }) => details['assignedVariables'])).toEqual([
      { x: 'in', y: 1 },
      { x: 1, y: 'in' },
    ]);
  });

  it('go to the children that mention them, and to no others', () => {
    const Branches = [branch('A', { 'a.$': '$x.y' }), branch('B', { b: 'x' })];
    const definition = machine({ S: assign({ x: { y: 1 }, z: 2 }, 'P'), P: { Type: 'Parallel', Branches, End: true } });
    const [command] = start(definition).commands;
    const children = command?.type === 'StartChildren' ? command.children : [];
    expect(children.map(({ variables }) => variables)).toEqual([{ x: { y: 1 } }, undefined]);
    expect(initialFrame('/m', undefined, children[0]?.variables).variables).toEqual({ x: { y: 1 } });
  });

  it('are not set by an attempt that failed', () => {
    const task: State = {
      Type: 'Task',
      Resource: 'function:work',
      QueryLanguage: 'JSONata',
      Assign: { x: '{% $states.result.nope %}' },
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      End: true,
    };
    const definition = machine({ S: task });
    const { frame } = start(definition);
    const failed = transition(definition, frame, { type: 'TaskSucceeded', step: 1, output: {} }, around);
    expect(failed.frame).toMatchObject({ waiting: 'retry', retries: { 0: 1 } });
    expect(failed.frame.variables).toBeUndefined();
    expect(failed.history.at(-1)).toMatchObject({
      type: 'EvaluationFailed',
      details: { location: 'Assign/x', state: 'S' },
    });
  });

  it('that are too large fail the frame, one Assign by itself or all together', () => {
    const double = machine({ A: assign({ 'x.$': 'States.Array($, $)' }, 'W'), W: wait });
    expect(start(double, 'x'.repeat(200_000)).frame.failure?.error).toBe('States.DataLimitExceeded');
    const full = { ...initialFrame('', undefined, { old: 1 }), variableBytes: 10 * 1024 * 1024 };
    expect(start(machine({ A: assign({ x: 1 }, 'W'), W: wait }), {}, full).frame.failure?.error).toBe(
      'States.DataLimitExceeded',
    );
  });
});

it('names the event by which a failed state was entered, in the words of AWS', () => {
  const definition = machine({
    S: { ...wait, End: undefined, Next: 'T' } as State,
    T: branch('T', { 'a.$': '$.nope' }).States['T'] as State,
  });
  const first = transition(definition, initialFrame(''), started({}), { ...around, nextEvent: 1 });
  expect(first.frame.enteredEvent).toBe(2);
  const fired: Happened = { type: 'TimerFired', step: 1, kind: 'wait' };
  const last = transition(definition, first.frame, fired, { ...around, nextEvent: 3 });
  expect(last.frame.failure).toEqual({
    error: 'States.Runtime',
    cause:
      "An error occurred while executing the state 'T' (entered at the event id #4). The JSONPath '$.nope' specified for the field 'a.$' could not be found in the input '{}'",
  });
});
