import { expect, it } from '@jest/globals';
import { Adversary } from '../conformance/adversary.js';
import { type Answer, Driver } from '../conformance/driver.js';
import { draws, RandomMachine } from '../conformance/random-machine.js';
import { type HistoryEvent, initialFrame, transition, validate } from './index.js';

const MACHINES = 100;
const ORDERS = 6;
const INPUT = [1, 2];
const seeds = Array.from({ length: MACHINES }, (_, seed) => seed + 1);

it('random machines are valid, and use every kind of state', () => {
  const types = new Set<string>();
  for (const seed of seeds) {
    const definition = new RandomMachine(seed).definition();
    expect([seed, validate(definition).problems.filter(({ code }) => code !== 'unreachable_state')]).toEqual([
      seed,
      [],
    ]);
    for (const [, type] of JSON.stringify(definition).matchAll(/"Type":"(\w+)"/g)) types.add(type as string);
  }
  expect([...types].toSorted()).toEqual(['Choice', 'Map', 'Parallel', 'Pass', 'Task', 'Wait']);
});

it('whatever comes late, twice or in another order, the outcome is the same', () => {
  const statuses = new Set<string>();
  for (const seed of seeds) {
    const definition = new RandomMachine(seed).definition();
    const fair = new Adversary(definition, INPUT, 0).play();
    expect([seed, fair.status]).not.toEqual([seed, 'RUNNING']);
    statuses.add(fair.status);
    for (let order = 1; order <= ORDERS; order++) {
      const outcome = new Adversary(definition, INPUT, seed * 1000 + order).play();
      expect([seed, order, outcome]).toEqual([seed, order, fair]);
    }
  }
  expect([...statuses].toSorted()).toEqual(['FAILED', 'SUCCEEDED']);
});

it('what happened to a frame, told again, gives the same frame', () => {
  for (const seed of seeds) {
    const definition = new RandomMachine(seed).definition();
    const adversary = new Adversary(definition, INPUT, seed);
    adversary.play();
    for (const { frame, told, inherited } of adversary.lines) {
      const first = initialFrame(frame.machine, frame.map, inherited);
      const again = told.reduce(
        (state, { happened, now }) => transition(definition, state, happened, adversary.around(now)).frame,
        first,
      );
      expect(JSON.parse(JSON.stringify(again))).toEqual(frame);
    }
  }
});

it('a Map gives the same, however few of its children are made at once', () => {
  for (const seed of seeds) {
    const definition = new RandomMachine(seed).definition();
    const fair = new Adversary(definition, INPUT, 0).play();
    for (const [order, atOnce] of [0, 1, 1, 2, 2].entries())
      expect([
        seed,
        order,
        new Adversary(definition, INPUT, seed * 1000 + order, atOnce ? { maxChildrenAtOnce: atOnce } : {}).play(),
      ]).toEqual([seed, order, fair]);
  }
});

it('the way back along the history leads from each exit of a state to its entry, and from any event to the first state', () => {
  const types = new Set<string>();
  for (const seed of seeds) {
    const definition = new RandomMachine(seed).definition();
    const draw = draws(seed);
    const names = [...JSON.stringify(definition).matchAll(/"(S\d+)":/g)].map(([, name = '']) => name);
    const failing: Answer[] = [{ error: 'Busy', cause: '' }];
    const answers = Object.fromEntries(names.filter(() => draw() < 0.2).map((name) => [name, failing]));
    const { history } = new Driver({ definition, input: INPUT, answers }).play();
    for (const [n, { type, previous, details }] of history.entries()) {
      types.add(type);
      const way = [...wayBack(history, n)];
      expect([seed, n, type, way.at(-1)?.type]).toEqual([
        seed,
        n,
        type,
        n === 0 ? type : expect.stringMatching(/Entered$/),
      ]);
      expect(previous).toBeLessThanOrEqual(n);
      if (!type.endsWith('StateExited')) continue;
      const entry = type.replace('Exited', 'Entered');
      expect(way.some((event) => event.type === entry && event.details['name'] === details['name'])).toBe(true);
    }
  }
  expect([...types]).toEqual(
    expect.arrayContaining(['MapIterationAborted', 'TaskStateAborted', 'ParallelStateFailed']),
  );
});

function* wayBack(history: readonly HistoryEvent[], from: number): Generator<HistoryEvent> {
  for (let event = history[from]; event; event = history[(event.previous ?? 0) - 1]) yield event;
}
