import { describe, expect, it } from '@jest/globals';
import { Driver } from '../../conformance/driver.js';
import type { StateMachine } from '../definition.js';
import type { Json } from '../model.js';

const pass = { Type: 'Pass', End: true } as const;
const one = { StartAt: 'One', States: { One: pass } };
const waiting = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } } as const;
const machine = (state: object, rest: object = {}): StateMachine =>
  ({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: one, End: true, ...state } }, ...rest }) as StateMachine;
const numbers = (count: number): Json[] => Array.from({ length: count }, (_, n) => n);
const play = (definition: StateMachine, input: Json, maxChildrenAtOnce?: number) =>
  new Driver({ definition, input, ...(maxChildrenAtOnce && { maxChildrenAtOnce }) }).play();

describe('an inline Map over more items than are made at once', () => {
  it('makes a thousand at a time, and gives all results in order', () => {
    const { frame, timers } = play(machine({}), numbers(2_500));
    expect(frame.output).toEqual(numbers(2_500));
    expect(timers).toEqual([
      { kind: 'children', seconds: 0 },
      { kind: 'children', seconds: 0 },
    ]);
  });

  it('needs no timer where MaxConcurrency lets fewer run', () => {
    const { frame, timers, mostAtOnce, history } = play(machine({ MaxConcurrency: 3 }), numbers(10), 4);
    expect(frame.output).toEqual(numbers(10));
    expect([timers, mostAtOnce]).toEqual([[], 3]);
    expect(history.filter(({ type }) => type === 'MapIterationStarted').map(({ details }) => details['index'])).toEqual(
      numbers(10),
    );
  });

  it('holds to a MaxConcurrency that is larger than what is made at once', () => {
    const { frame, mostAtOnce } = play(machine({ MaxConcurrency: 5, ItemProcessor: waiting }), numbers(12), 2);
    expect([frame.output, mostAtOnce]).toEqual([numbers(12), 5]);
  });

  it('asks an expression for its items once', () => {
    const Items = '{% [1..10].$random() %}';
    const ItemSelector = { item: '{% $states.context.Map.Item.Value %}' };
    const { frame } = play(machine({ Items, ItemSelector }, { QueryLanguage: 'JSONata' }), {}, 3);
    expect(frame.output).toHaveLength(10);
    expect(frame.items).toBeUndefined();
  });

  it('fails, and stops what runs, when the input of a later item cannot be made', () => {
    const items: Json[] = [{ a: 0 }, { a: 1 }, { a: 2 }, { a: 3 }, {}];
    const state = { ItemSelector: { 'a.$': '$$.Map.Item.Value.a' }, ItemProcessor: waiting };
    const { frame } = play(machine(state), items, 2);
    expect(frame).toMatchObject({ status: 'FAILED', failure: { error: 'States.Runtime' }, children: { made: 4 } });
  });
});
