import { choose } from '../choice/choose.js';
import { runtimeFailure } from '../failure.js';
import { evaluateIntrinsic, isIntrinsic } from '../intrinsics/evaluate.js';
import { notFound } from '../intrinsics/not-found.js';
import type { Json, JsonObject } from '../model.js';
import { conflict, place } from '../paths/reference.js';
import { type Sources, select, selectRequired } from '../paths/select.js';
import { fill } from '../payload-template.js';
import { type Left, type Scene, sources } from '../scene.js';
import type { DataFields, QueryLanguage } from './language.js';

/**
 *   raw input ─ InputPath ─ Parameters ─► work ─ ResultSelector ─ ResultPath ─ OutputPath ─► output
 *       └───────────────────────────────────────────┬───────────────┘
 *                                                Assign
 */
export const JSON_PATH: QueryLanguage = {
  input: (scene, { InputPath }) => traced(scene, 'afterInputPath', through(scene, InputPath, scene.frame.input)),

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
        : atPath(name, path, sources(scene, input));
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
    const value = select(ItemsPath, sources(scene, input));
    if (value === undefined) throw conflict(`step "${lastStep(ItemsPath)}"`, input);
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

/** To find nothing is told in three ways. */
function atPath(name: string, path: string, from: Sources): Json {
  const value = WITH_OWN_WORDS.has(name) ? select(path, from) : selectRequired(path, from);
  if (value !== undefined) return value;
  if (name === 'Error' || name === 'Cause') {
    throw runtimeFailure(`The JSONPath '${path}' specified for the field '${name}Path' ${notFound(from.input)}`);
  }
  throw runtimeFailure(`The ${name}Path parameter does not reference an input value: ${path}`);
}

const WITH_OWN_WORDS: ReadonlySet<string> = new Set(['Error', 'Cause', 'Seconds', 'Timestamp']);

const lastStep = (path: string): string => path.split(/[.[\]'"]+/).findLast((part) => part !== '') ?? path;

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
  const output = through(scene, OutputPath, sent);
  return Assign === undefined ? { output } : { output, assigned: filled(scene, Assign, seen) as JsonObject };
}

/** `null` throws the result away. */
const placed = (scene: Scene, path: string | null | undefined, result: Json): Json =>
  traced(scene, 'afterResultPath', path === null ? scene.frame.input : place(scene.frame.input, path ?? '$', result));

const filled = (scene: Scene, template: Json, input: Json): Json => fill(template, sources(scene, input), scene.around);

/** `null` gives an empty object. */
function through(scene: Scene, path: string | null | undefined, value: Json): Json {
  if (path === null) return {};
  return path === undefined || path === '$' ? value : selectRequired(path, sources(scene, value));
}

function traced(scene: Scene, step: string, value: Json): Json {
  scene.trace?.(step, value);
  return value;
}
