import { choose } from '../choice/choose.js';
import { runtimeFailure } from '../failure.js';
import { evaluateIntrinsic, isIntrinsic } from '../intrinsics/evaluate.js';
import type { Json, JsonObject } from '../model.js';
import { place } from '../paths/reference.js';
import { selectRequired } from '../paths/select.js';
import { fill } from '../payload-template.js';
import { type Left, type Scene, sources } from '../scene.js';
import type { DataFields, QueryLanguage } from './language.js';

/**
 *   raw input ─ InputPath ─ Parameters ─► work ─ ResultSelector ─ ResultPath ─ OutputPath ─► output
 *       └───────────────────────────────────────────┬───────────────┘
 *                                                Assign
 */
export const JSON_PATH: QueryLanguage = {
  goesThroughObjects: false,

  input: (scene, { InputPath }) =>
    traced(scene, 'afterInputPath', through(scene, 'InputPath', InputPath, scene.frame.input)),

  workInput(scene, { Parameters }, input) {
    const value = Parameters === undefined ? input : filled(scene, Parameters, input);
    return traced(scene, 'afterParameters', value);
  },

  evaluate: (scene, template, _field, input) => filled(scene, template, input),

  given(scene, fields, name, input) {
    const path = (fields as JsonObject)[pathNameOf(name)];
    if (typeof path === 'string') {
      const value = isIntrinsic(path)
        ? evaluateIntrinsic(path, sources(scene, input), scene.around)
        : selectRequired(path, sources(scene, input), `${name}Path`);
      return {
        value,
        wrong: (wanted) => runtimeFailure(`The ${name}Path parameter '${path}' does not reference ${wanted}.`),
      };
    }
    const value = (fields as JsonObject)[name];
    if (value === undefined) return undefined;
    return { value, wrong: (wanted) => runtimeFailure(`The ${name} must be ${wanted}.`) };
  },

  items(scene, { ItemsPath = '$' }, input) {
    const value = selectRequired(ItemsPath, sources(scene, input), 'ItemsPath');
    return { value, wrong: (wanted) => runtimeFailure(`Reference path '${ItemsPath}' must point to ${wanted}.`) };
  },

  choose: (scene, state, input) => choose(state, sources(scene, input)),

  complete(scene, state, _input, result) {
    const { ResultSelector } = state;
    const selected = ResultSelector === undefined ? result : filled(scene, ResultSelector, result);
    traced(scene, 'afterResultSelector', selected);
    return left(scene, state, selected, placed(scene, state.ResultPath, selected));
  },

  pass(scene, state, input) {
    const { Result } = state;
    if (Result !== undefined) traced(scene, 'result', Result);
    const result = Result === undefined ? JSON_PATH.workInput(scene, state, input) : Result;
    traced(scene, 'afterResultSelector', result);
    return left(scene, state, result, placed(scene, state.ResultPath, result));
  },

  passOn: (scene, state, input) => left(scene, state, input, input),

  leaveChoice: (scene, { OutputPath, Assign }, input, { rule }) =>
    left(scene, { OutputPath, Assign: rule ? rule.Assign : Assign }, input, input),

  caught: (scene, { Assign, ResultPath }, _index, errorOutput) =>
    left(scene, { Assign }, errorOutput, placed(scene, ResultPath, errorOutput)),
};

const pathNames = new Map<string, string>();

/** Names are few, and a text that was put together is slow to look up. */
function pathNameOf(name: string): string {
  const known = pathNames.get(name);
  if (known !== undefined) return known;
  pathNames.set(name, `${name}Path`);
  return pathNameOf(name);
}

type Leaving = { readonly [Field in 'OutputPath' | 'Assign']?: DataFields[Field] | undefined };

/** `seen` is what `$` means in Assign: what the state did, where `sent` is what it sends on. */
function left(scene: Scene, { OutputPath, Assign }: Leaving, seen: Json, sent: Json): Left {
  const output = through(scene, 'OutputPath', OutputPath, sent);
  return Assign === undefined ? { output } : { output, assigned: filled(scene, Assign, seen) as JsonObject };
}

/** `null` throws the result away. */
const placed = (scene: Scene, path: string | null | undefined, result: Json): Json =>
  traced(scene, 'afterResultPath', path === null ? scene.frame.input : place(scene.frame.input, path ?? '$', result));

const filled = (scene: Scene, template: Json, input: Json): Json => fill(template, sources(scene, input), scene.around);

/** `null` gives an empty object. */
function through(scene: Scene, field: string, path: string | null | undefined, value: Json): Json {
  if (path === null) return {};
  return path === undefined || path === '$' ? value : selectRequired(path, sources(scene, value), field);
}

function traced(scene: Scene, step: string, value: Json): Json {
  scene.trace?.(step, value);
  return value;
}
