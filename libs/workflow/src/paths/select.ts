import { runtimeFailure } from '../failure.js';
import { isObject, member } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { type CompiledPath, compilePath, PathSyntaxError } from './compile.js';
import { evaluateSteps, NothingThere } from './evaluate.js';

/** What a path may select from: the input and, behind `$$`, the context object. */
export interface Sources {
  readonly input: Json;
  readonly context: () => Json;
  readonly variables?: JsonObject | undefined;
}

/** What a path selects: its value, or an array if it may select several. `undefined` if it leads nowhere. */
export function select(path: string, sources: Sources): Json | undefined {
  const compiled = compiledOrFailure(path);
  const root = rootOf(compiled, sources);
  if (root === undefined) return undefined;
  if (compiled.plain) return walk(root, compiled.plain);
  try {
    return evaluated(root, compiled);
  } catch (error) {
    if (error instanceof NothingThere) return undefined;
    throw error;
  }
}

function evaluated(root: Json, { steps, isDefinite }: CompiledPath): Json {
  const found = evaluateSteps(root, steps);
  return isDefinite ? (found.at(-1) as Json) : found;
}

function rootOf({ ofContext, variable }: CompiledPath, { input, context, variables = {} }: Sources): Json | undefined {
  if (variable !== undefined) return member(variables, variable);
  return ofContext ? context() : input;
}

/** The same, but to find nothing is a States.Runtime failure. */
export function selectRequired(path: string, sources: Sources): Json {
  const value = select(path, sources);
  if (value !== undefined) return value;
  const compiled = compilePath(path);
  const root = rootOf(compiled, sources);
  refuseNull(root);
  throw runtimeFailure(`Invalid path '${path}' : ${whyMissing(root ?? {}, compiled)}`);
}

/** In AWS's words, which are those of its library. */
function whyMissing(root: Json, { steps, plain }: CompiledPath): string {
  try {
    evaluateSteps(root, steps);
  } catch (error) {
    if (error instanceof NothingThere) return error.message;
    throw error;
  }
  // Past the end of an array.
  const shown = (plain ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `['${key}']`));
  return `No results for path: $${shown.join('')}`;
}

/** In AWS's words. */
export function refuseNull(root: Json | undefined): void {
  if (root === null) throw runtimeFailure('Unable to apply Path transformation to null or empty input.');
}

/** Whether a path leads past the end of an array, which AWS's payload templates take for null. */
export function isPastTheEnd(path: string, sources: Sources): boolean {
  const compiled = compilePath(path);
  const root = rootOf(compiled, sources);
  if (root === undefined || typeof compiled.plain?.at(-1) !== 'number') return false;
  return Array.isArray(walk(root, compiled.plain.slice(0, -1)));
}

/** The one value at a path, for selecting outside a state machine; `undefined` if there is none, or several. */
export function selectPath(path: string, input: Json): Json | undefined {
  const value = select(path, { input, context: () => ({}) });
  if (compilePath(path).isDefinite) return value;
  return Array.isArray(value) && value.length === 1 ? value[0] : undefined;
}

function compiledOrFailure(path: string): CompiledPath {
  try {
    return compilePath(path);
  } catch (error) {
    if (error instanceof PathSyntaxError) throw runtimeFailure(error.message);
    throw error;
  }
}

function walk(root: Json, keys: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = root;
  for (const key of keys) {
    if (typeof key === 'number') value = Array.isArray(value) ? value.at(key) : undefined;
    else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}
