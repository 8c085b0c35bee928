import { withinLimits } from './limits.js';
import type { Json } from './model.js';
import { place } from './paths/reference.js';
import { selectRequired } from './paths/select.js';
import { fill } from './payload-template.js';
import { type Scene, sources } from './scene.js';

/**
 *   raw input ─ InputPath ─ Parameters ─► work ─ ResultSelector ─ ResultPath ─ OutputPath ─► output
 *       └───────────────────────────────────────────────────────────┘
 */
interface Pipe {
  readonly InputPath?: string | null;
  readonly Parameters?: Json;
  readonly ResultSelector?: Json;
  readonly ResultPath?: string | null;
  readonly OutputPath?: string | null;
}

/** What `$` means inside of the state. */
export const effectiveInput = (scene: Scene, { InputPath }: Pipe): Json =>
  through(scene, 'InputPath', InputPath, scene.frame.input);

/** What is sent to the work. */
export function workInput(scene: Scene, state: Pipe): Json {
  const input = effectiveInput(scene, state);
  if (state.Parameters === undefined) return input;
  return fill(state.Parameters, sources(scene, input), scene.around);
}

/** The state's output, for the result of its work. */
export function outputOf(scene: Scene, state: Pipe, result: Json): Json {
  withinLimits(result, `The result of the state '${scene.frame.stateName}'`);
  const selected =
    state.ResultSelector === undefined ? result : fill(state.ResultSelector, sources(scene, result), scene.around);
  return passOn(scene, state, placeResult(scene, state.ResultPath, selected));
}

/** Of a state that has no result. */
export const passOn = (scene: Scene, { OutputPath }: Pipe, value: Json): Json =>
  through(scene, 'OutputPath', OutputPath, value);

/** `null` throws the result away. */
export const placeResult = ({ frame }: Scene, path: string | null | undefined, result: Json): Json =>
  path === null ? frame.input : place(frame.input, path ?? '$', result);

/** `null` gives an empty object. */
function through(scene: Scene, field: string, path: string | null | undefined, value: Json): Json {
  if (path === null) return {};
  return path === undefined || path === '$' ? value : selectRequired(path, sources(scene, value), field);
}
