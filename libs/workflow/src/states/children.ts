import type { MapState, ParallelState, SubMachine } from '../definition.js';
import { AslFailure } from '../failure.js';
import { languageOf } from '../language/language-of.js';
import type { QueryLanguage } from '../language/language.js';
import { mapNumber } from '../map-run/map-numbers.js';
import { MAX_DATA_BYTES, measure, resultBytes } from '../limits.js';
import type { Child, Failure, Frame, HistoryEvent, Json } from '../model.js';
import { event, failureDetails, type Move, pointerInState, type Scene } from '../scene.js';
import { variablesFor } from '../variables.js';

/** One state may hand out more than it was given, as each item may carry a copy of the whole input. */
const MAX_CHILDREN_BYTES = 64 * 1024 * 1024;

export function enterParallel(scene: Scene, state: ParallelState): Move {
  const language = languageOf(scene, state);
  const input = language.workInput(scene, state, language.input(scene, state));
  const { map } = scene.frame;
  const children = state.Branches.map((branch, index): Child => {
    const machine = pointerInState(scene, 'Branches', index);
    return { index, machine, input, ...(map && { map }), ...inherited(scene, branch) };
  });
  return startChildren(scene, children, children.length, [event('ParallelStateStarted', {})]);
}

export function enterMap(scene: Scene, state: MapState): Move {
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  const items = itemsOf(language, scene, state, input);
  const started = event('MapStateStarted', { length: items.length });
  if (items.length === 0) {
    const left = childrenCollected(scene, state, []);
    return { ...left, history: [started, ...(left.history ?? [])] };
  }
  const machine = pointerInState(scene, state.ItemProcessor ? 'ItemProcessor' : 'Iterator');
  const variables = inherited(scene, (state.ItemProcessor ?? state.Iterator) as SubMachine);
  const children = items.map((item, index): Child => {
    const map = { index, ...item };
    const itemScene = { ...scene, frame: { ...scene.frame, map } };
    return { index, machine, input: itemInput(language, itemScene, state, input), map, ...variables };
  });
  const size = children.reduce(
    (sum, child) => sum + measure(child.input, scene.around.maxDataBytes ?? MAX_DATA_BYTES).bytes,
    0,
  );
  if (size > MAX_CHILDREN_BYTES) throw tooLarge(scene);
  const start = Math.min(children.length, mapNumber(language, scene, state, 'MaxConcurrency', input) || Infinity);
  return startChildren(scene, children, start, [started, ...iterationsStarted(scene.frame, 0, start)]);
}

const inherited = ({ frame }: Scene, machine: SubMachine): Pick<Child, 'variables'> => {
  const variables = variablesFor(machine, frame.variables);
  return variables ? { variables } : {};
};

/** Only a distributed Map goes through the members of an object. */
function itemsOf(language: QueryLanguage, scene: Scene, state: MapState, input: Json): { readonly value: Json }[] {
  const given = language.items(scene, state, input);
  if (!Array.isArray(given.value)) throw given.wrong('an array', 'array');
  return given.value.map((value) => ({ value }));
}

/** ItemSelector's older name is Parameters. */
function itemInput(language: QueryLanguage, scene: Scene, state: MapState, input: Json): Json {
  const template = state.ItemSelector ?? state.Parameters;
  return template === undefined
    ? (scene.frame.map?.value as Json)
    : language.evaluate(scene, template, 'ItemSelector', input);
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
  const result = [...outputs];
  resultBytes(result, scene.frame.stateName, scene.around.maxDataBytes);
  const left = languageOf(scene, state).complete(scene, state, scene.frame.input, result);
  return { type: 'Leave', left, next: state.Next, history };
}

const tooLarge = ({ frame }: Scene): AslFailure =>
  new AslFailure('States.DataLimitExceeded', `The items of '${frame.stateName}' are larger than 64 MiB together.`);
