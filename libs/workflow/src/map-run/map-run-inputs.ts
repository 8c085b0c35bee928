import { effectiveInput } from '../data-flow.js';
import type { MapState, StateMachine } from '../definition.js';
import type { Frame, Json, Surroundings } from '../model.js';
import { fill } from '../payload-template.js';
import { machineAt, type Scene, sources, stateOf } from '../scene.js';
import type { MapRunItem } from './map-run.js';

/**
 * What each item's child execution, or its place in a batch, is given: the item, or what ItemSelector makes of it. The
 * frame is the one that waits for the map run. Throws `AslFailure`, which fails the map run.
 */
export function mapRunInputs(
  definition: StateMachine,
  frame: Frame,
  around: Surroundings,
  items: readonly MapRunItem[],
): Json[] {
  const scene: Scene = { machine: machineAt(definition, frame.machine), frame, around };
  const { ItemSelector, Parameters, ...state } = stateOf(scene) as MapState;
  const template = ItemSelector ?? Parameters;
  if (template === undefined) return items.map(({ value }) => value);
  const input = effectiveInput(scene, state);
  return items.map((map) => fill(template, sources({ ...scene, frame: { ...frame, map } }, input), around));
}
