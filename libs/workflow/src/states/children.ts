import { effectiveInput, outputOf, workInput } from '../data-flow.js';
import type { MapState, ParallelState } from '../definition.js';
import { AslFailure, runtimeFailure } from '../failure.js';
import { MAX_DATA_BYTES, measure } from '../limits.js';
import type { Child, Failure, Frame, HistoryEvent, Json } from '../model.js';
import { selectRequired } from '../paths/select.js';
import { fill } from '../payload-template.js';
import { event, failureDetails, type Move, pointerInState, type Scene, sources } from '../scene.js';

/** One state may hand out more than it was given, as each item may carry a copy of the whole input. */
const MAX_CHILDREN_BYTES = 64 * 1024 * 1024;

export function enterParallel(scene: Scene, state: ParallelState): Move {
  const input = workInput(scene, state);
  const { map } = scene.frame;
  const children = state.Branches.map((_, index): Child => {
    return { index, machine: pointerInState(scene, 'Branches', index), input, ...(map && { map }) };
  });
  return startChildren(scene, children, children.length, [event('ParallelStateStarted', {})]);
}

export function enterMap(scene: Scene, state: MapState): Move {
  const input = effectiveInput(scene, state);
  const items = itemsOf(scene, state, input);
  const started = event('MapStateStarted', { length: items.length });
  if (items.length === 0) {
    const left = childrenCollected(scene, state, []);
    return { ...left, history: [started, ...(left.history ?? [])] };
  }
  const machine = pointerInState(scene, state.ItemProcessor ? 'ItemProcessor' : 'Iterator');
  const children = items.map((value, index): Child => {
    const map = { index, value };
    const itemScene = { ...scene, frame: { ...scene.frame, map } };
    return { index, machine, input: itemInput(itemScene, state, input), map };
  });
  const size = children.reduce((sum, child) => sum + measure(child.input, MAX_DATA_BYTES).bytes, 0);
  if (size > MAX_CHILDREN_BYTES) throw tooLarge(scene);
  const start = Math.min(children.length, concurrencyOf(scene, state, input));
  return startChildren(scene, children, start, [started, ...iterationsStarted(scene.frame, 0, start)]);
}

function itemsOf(scene: Scene, { ItemsPath = '$' }: MapState, input: Json): Json[] {
  const items = selectRequired(ItemsPath, sources(scene, input), 'ItemsPath');
  if (!Array.isArray(items)) throw runtimeFailure(`Reference path '${ItemsPath}' must point to an array.`);
  return items;
}

/** ItemSelector's older name is Parameters. */
function itemInput(scene: Scene, { ItemSelector, Parameters }: MapState, input: Json): Json {
  const template = ItemSelector ?? Parameters;
  return template === undefined
    ? (scene.frame.map?.value as Json)
    : fill(template, sources(scene, input), scene.around);
}

function concurrencyOf(scene: Scene, { MaxConcurrency, MaxConcurrencyPath }: MapState, input: Json): number {
  const value =
    MaxConcurrencyPath === undefined
      ? (MaxConcurrency ?? 0)
      : selectRequired(MaxConcurrencyPath, sources(scene, input), 'MaxConcurrencyPath');
  if (!Number.isInteger(value) || (value as number) < 0) {
    throw runtimeFailure(`The MaxConcurrencyPath '${MaxConcurrencyPath}' does not reference a non-negative integer.`);
  }
  return value === 0 ? Infinity : (value as number);
}

function startChildren(
  { frame }: Scene,
  children: readonly Child[],
  start: number,
  history: readonly HistoryEvent[],
): Move {
  const counts = { total: children.length, started: start, finished: 0 };
  const step = frame.step + 1;
  const commands = [{ type: 'StartChildren', step, children, start } as const];
  return { type: 'Wait', waiting: 'children', set: { children: counts }, commands, history };
}

export interface ChildMove {
  readonly frame: Frame;
  readonly start?: number;
  readonly isLast: boolean;
  readonly history: readonly HistoryEvent[];
}

/** One more is done: the next one may begin, or it was the last. */
export function childSucceeded(frame: Frame, isMap: boolean, index: number): ChildMove {
  const { total, started, finished } = frame.children ?? { total: 0, started: 0, finished: 0 };
  const hasNext = started < total;
  const children = { total, started: hasNext ? started + 1 : started, finished: finished + 1 };
  const isLast = children.finished === total;
  const history = [
    ...(isMap ? [event('MapIterationSucceeded', { name: frame.stateName, index })] : []),
    ...(isMap && hasNext ? iterationsStarted(frame, started, started + 1) : []),
  ];
  return { frame: { ...frame, children }, isLast, history, ...(hasNext && { start: started }) };
}

const iterationsStarted = ({ stateName }: Frame, from: number, to: number): HistoryEvent[] =>
  Array.from({ length: to - from }, (_, offset) =>
    event('MapIterationStarted', { name: stateName, index: from + offset }),
  );

export function childFailed({ frame }: Scene, isMap: boolean, index: number, failure: Failure): Move {
  const history = isMap
    ? [event('MapIterationFailed', { name: frame.stateName, index }), event('MapStateFailed', failureDetails(failure))]
    : [event('ParallelStateFailed', failureDetails(failure))];
  return { type: 'Fail', failure, history, commands: [{ type: 'StopChildren', step: frame.step }] };
}

export function childrenCollected(scene: Scene, state: MapState | ParallelState, outputs: readonly Json[]): Move {
  const history = [event(`${state.Type}StateSucceeded`, {})];
  return { type: 'Leave', output: outputOf(scene, state, [...outputs]), next: state.Next, history };
}

const tooLarge = ({ frame }: Scene): AslFailure =>
  new AslFailure('States.DataLimitExceeded', `The items of '${frame.stateName}' are larger than 64 MiB together.`);
