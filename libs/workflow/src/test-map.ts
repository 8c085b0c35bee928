import type { MapState, StateMachine } from './definition.js';
import { languageOf } from './language/language-of.js';
import { batchItems } from './map-run/batch-items.js';
import { isDistributed } from './map-run/enter-map-run.js';
import { parseItems } from './map-run/item-parser.js';
import { mapNumber } from './map-run/map-numbers.js';
import { mapRunInputs } from './map-run/map-run-inputs.js';
import type { MapRunItem, MapRunSpec } from './map-run/map-run.js';
import { THRESHOLD_EXCEEDED, tolerated } from './map-run/tolerated.js';
import type { Failure, Json, JsonObject } from './model.js';
import type { Move, Scene } from './scene.js';

/** What is known of a Map state's work, which is not done when the state is tried out. */
export interface MapTrial {
  /** How many of its items have failed. */
  readonly failedItems?: number;
  /** The text that its ItemReader reads. */
  readonly readerData?: string;
}

/** What the work of a Map state would begin with, as AWS's TestState names it, and whether its failures are tolerated. */
export function tryMap(
  scene: Scene,
  state: MapState,
  move: Move,
  { failedItems, readerData }: MapTrial,
): { readonly inspection: JsonObject; readonly failure?: Failure } {
  const { trace: _trace, ...quiet } = scene;
  const run = isDistributed(state) ? mapRunOf(move) : undefined;
  const items = run ? itemsOf(run, readerData) : inlineItems(quiet, state);
  const isExceeded =
    failedItems !== undefined &&
    hasTolerance(run) &&
    !tolerated({ failed: failedItems, ...(items && { total: items.length }) }, run);
  return {
    inspection: { ...(items && stepsOf(quiet, state, items, run)), ...limitsOf(quiet, state, run) },
    ...(isExceeded && { failure: THRESHOLD_EXCEEDED }),
  };
}

function mapRunOf(move: Move): MapRunSpec | undefined {
  const command = move.type === 'Wait' ? move.commands?.find(({ type }) => type === 'StartMapRun') : undefined;
  return command && 'run' in command ? command.run : undefined;
}

/** Undefined if they would have to be read. */
function itemsOf(run: MapRunSpec, readerData: string | undefined): MapRunItem[] | undefined {
  if (run.items)
    return run.items.map((value, index) => {
      const key = run.keys?.[index];
      return { index, value, ...(key !== undefined && { key }) };
    });
  if (!run.reader || readerData === undefined) return undefined;
  return parseItems(readerData, run.reader.config).map((item, index) => ({ ...item, index }));
}

function inlineItems(scene: Scene, state: MapState): MapRunItem[] {
  const language = languageOf(scene, state);
  const { value } = language.items(scene, state, language.input(scene, state));
  return (value as Json[]).map((item, index) => ({ index, value: item }));
}

function stepsOf(scene: Scene, state: MapState, items: readonly MapRunItem[], run: MapRunSpec | undefined): JsonObject {
  const isJsonPath = (state.QueryLanguage ?? scene.queryLanguage) === 'JSONPath';
  const hasSelector = (state.ItemSelector ?? state.Parameters) !== undefined;
  const inputs = mapRunInputs(
    { ...scene.machine, QueryLanguage: scene.queryLanguage } as StateMachine,
    scene.frame,
    scene.around,
    items,
  );
  return {
    ...(isJsonPath && state.ItemReader === undefined && { afterItemsPath: items.map(({ value }) => value) }),
    ...(state.ItemReader?.ReaderConfig?.ItemsPointer !== undefined && {
      afterItemsPointer: items.map(({ value }) => value),
    }),
    ...(hasSelector && { afterItemSelector: inputs }),
    ...(run?.batcher && { afterItemBatcher: batchItems(inputs, run.batcher).map(({ input }) => input) }),
  };
}

function limitsOf(scene: Scene, state: MapState, run: MapRunSpec | undefined): JsonObject {
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  const maxConcurrency = run?.maxConcurrency ?? mapNumber(language, scene, state, 'MaxConcurrency', input) ?? 0;
  return {
    maxConcurrency,
    ...(run?.toleratedFailureCount !== undefined && { toleratedFailureCount: run.toleratedFailureCount }),
    ...(run?.toleratedFailurePercentage !== undefined && {
      toleratedFailurePercentage: run.toleratedFailurePercentage,
    }),
  };
}

/** AWS's TestState judges only what the state itself says. */
const hasTolerance = (run: MapRunSpec | undefined): run is MapRunSpec =>
  run?.toleratedFailureCount !== undefined || run?.toleratedFailurePercentage !== undefined;
