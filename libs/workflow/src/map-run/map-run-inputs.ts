import type { MapState, StateMachine } from '../definition.js';
import type { Frame, Json, Surroundings } from '../model.js';
import { languageOf } from '../language/language-of.js';
import { sceneOf, stateOf } from '../scene.js';
import type { MapRunItem } from './map-run.js';

/**
 * What each item's child execution, or its place in a batch, is given: the item, or what ItemSelector makes of it.
 * A member of an object is `{ "Key", "Value" }`. The
 * frame is the one that waits for the map run. Throws `AslFailure`, which fails the map run.
 */
export function mapRunInputs(
  definition: StateMachine,
  frame: Frame,
  around: Surroundings,
  items: readonly MapRunItem[],
): Json[] {
  const scene = sceneOf(definition, frame, around);
  const state = stateOf(scene) as MapState;
  const template = state.ItemSelector ?? state.Parameters;
  if (template === undefined)
    return items.map(({ key, value }) => (key === undefined ? value : { Key: key, Value: value }));
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  return items.map((map) => {
    const itemScene = { ...scene, frame: { ...frame, map } };
    return language.evaluate(itemScene, template, 'ItemSelector', input);
  });
}
