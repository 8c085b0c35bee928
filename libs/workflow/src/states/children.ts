import type { MapState, ParallelState, SubMachine } from '../definition.js';
import { AslFailure } from '../failure.js';
import { languageOf } from '../language/language-of.js';
import type { QueryLanguage } from '../language/language.js';
import { mapNumber } from '../map-run/map-numbers.js';
import { MAX_DATA_BYTES, measure, resultBytes } from '../limits.js';
import type { Child, Children, Command, Frame, Happened, HistoryEvent, Json } from '../model.js';
import { event, type Move, pointerInState, type Scene } from '../scene.js';
import { variablesFor } from '../variables.js';
import { endedWith } from './ended-with.js';

/** So many iterations of a Map begin in one transaction: what it takes does not grow with the number of items. */
const MAX_AT_ONCE = 1_000;
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
    return { ...childrenCollected(scene, state, []), history: [started, childrenSucceeded(state)] };
  }
  const most = mapNumber(language, scene, state, 'MaxConcurrency', input) || undefined;
  const first = chunk(scene, state, items, {
    total: items.length,
    started: 0,
    finished: 0,
    made: 0,
    ...(most && { most }),
  });
  const isWhole = first.set.children.made === items.length;
  const { made: _made, most: _most, ...whole } = first.set.children;
  const step = scene.frame.step + 1;
  return {
    type: 'Wait',
    waiting: 'children',
    // An expression might give other items when it is asked again.
    set: isWhole ? { children: whole } : { ...first.set, ...(state.Items !== undefined && { items }) },
    commands: first.commands(step),
    history: [started, ...first.history],
  };
}

/** As many of the children that are not made yet as may be made at once. */
export function moreChildren(scene: Scene, state: MapState): Move | undefined {
  const { children, items, step } = scene.frame;
  if (!children || roomOf(children) === 0 || madeOf(children) === children.total) return undefined;
  const language = languageOf(scene, state);
  const all = items ?? itemsOf(language, scene, state, language.input(scene, state));
  const { set, commands, history } = chunk(scene, state, all, children);
  return { type: 'Wait', waiting: 'children', isSameStep: true, set, commands: commands(step), history };
}

/** The next children, of which as many begin as may run at once. If more may run, a timer asks for those behind them. */
function chunk(scene: Scene, state: MapState, items: readonly Json[], before: Children) {
  const from = madeOf(before);
  const made = Math.min(before.total, from + (scene.around.maxChildrenAtOnce ?? MAX_AT_ONCE));
  const children = childrenOf(scene, state, items.slice(from, made), from);
  const start = Math.min(children.length, roomOf(before));
  const after = { ...before, started: before.started + start, made };
  const isMore = made < before.total && roomOf(after) > 0;
  return {
    set: { children: after },
    history: iterationsStarted(scene.frame, from, from + start),
    commands: (step: number): Command[] => [
      { type: 'StartChildren', step, children, start },
      ...(isMore ? [{ type: 'StartTimer', step, kind: 'children', at: scene.around.now } as const] : []),
    ],
  };
}

const madeOf = ({ made, total }: Children): number => made ?? total;
/** How many more may run. */
const roomOf = ({ most = Infinity, started, finished }: Children): number => Math.max(0, most - (started - finished));

function childrenOf(scene: Scene, state: MapState, items: readonly Json[], from: number): Child[] {
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  const machine = pointerInState(scene, state.ItemProcessor ? 'ItemProcessor' : 'Iterator');
  const variables = inherited(scene, (state.ItemProcessor ?? state.Iterator) as SubMachine);
  const { maxDataBytes = MAX_DATA_BYTES } = scene.around;
  let bytes = 0;
  return items.map((value, at): Child => {
    const index = from + at;
    const map = { index, value };
    const itemScene = { ...scene, frame: { ...scene.frame, map } };
    const child = { index, machine, input: itemInput(language, itemScene, state, input), map, ...variables };
    bytes += measure(child.input, maxDataBytes).bytes;
    if (bytes > MAX_CHILDREN_BYTES) throw tooLarge(scene);
    return child;
  });
}

const inherited = ({ frame }: Scene, machine: SubMachine): Pick<Child, 'variables'> => {
  const variables = variablesFor(machine, frame.variables);
  return variables ? { variables } : {};
};

/** Only a distributed Map goes through the members of an object. */
function itemsOf(language: QueryLanguage, scene: Scene, state: MapState, input: Json): readonly Json[] {
  const given = language.items(scene, state, input);
  if (!Array.isArray(given.value)) throw given.wrong('an array', 'array');
  return given.value;
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
  /** One more may run, and none is made. */
  readonly isMore: boolean;
  readonly history: readonly HistoryEvent[];
}

/** One more is done: the next one may begin, or it was the last. */
export function childSucceeded(frame: Frame, isMap: boolean, index: number): ChildMove {
  const before = frame.children ?? { total: 0, started: 0, finished: 0 };
  const { started } = before;
  const hasNext = started < madeOf(before);
  // Where there was room before, a timer is on its way to fill it.
  const isMore = !hasNext && started < before.total && roomOf(before) === 0;
  const children = { ...before, started: hasNext ? started + 1 : started, finished: before.finished + 1 };
  const isLast = children.finished === children.total;
  const history = [
    ...(isMap ? [event('MapIterationSucceeded', { name: frame.stateName, index })] : []),
    ...(isMap && hasNext ? iterationsStarted(frame, started, started + 1) : []),
  ];
  return { frame: { ...frame, children }, isLast, isMore, history, ...(hasNext && { start: started }) };
}

const iterationsStarted = ({ stateName }: Frame, from: number, to: number): HistoryEvent[] =>
  Array.from({ length: to - from }, (_, offset) =>
    event('MapIterationStarted', { name: stateName, index: from + offset }),
  );

export function childFailed(scene: Scene, failed: Extract<Happened, { type: 'ChildFailed' }>): Move {
  const { failure, step } = failed;
  const history = endedWith(scene, failure, failed);
  return { type: 'Fail', failure, history, commands: [{ type: 'StopChildren', step }] };
}

/** Told even where the result cannot be selected from. */
export const childrenSucceeded = ({ Type }: MapState | ParallelState): HistoryEvent =>
  event(`${Type}StateSucceeded`, {});

export function childrenCollected(scene: Scene, state: MapState | ParallelState, outputs: readonly Json[]): Move {
  const result = [...outputs];
  resultBytes(result, scene.frame.stateName, scene.around.maxDataBytes);
  const left = languageOf(scene, state).complete(scene, state, scene.frame.input, result);
  return { type: 'Leave', left, next: state.Next };
}

const tooLarge = ({ frame }: Scene): AslFailure =>
  new AslFailure('States.DataLimitExceeded', `The items of '${frame.stateName}' are larger than 64 MiB together.`);
