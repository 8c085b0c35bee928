import { query } from 'jsonpath-rfc9535';
import { runtimeFailure } from '../failure.js';
import { isObject, member } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { type CompiledPath, compilePath, PathSyntaxError } from './compile.js';
import { whyMissing } from './missing.js';

/** What a path may select from: the input and, behind `$$`, the context object. */
export interface Sources {
  readonly input: Json;
  readonly context: () => Json;
  readonly variables?: JsonObject | undefined;
}

/** What a path selects: its value, or an array if it may select several. `undefined` if a definite path finds none. */
export function select(path: string, sources: Sources): Json | undefined {
  const compiled = compiledOrFailure(path);
  const root = rootOf(compiled, sources);
  if (root === undefined) return undefined;
  const found = walk(root, compiled.lead);
  if (found === undefined) return compiled.query !== undefined && MANY.test(compiled.query) ? [] : undefined;
  const value = compiled.query === undefined ? found : queryAll(root, compiled.query);
  return compiled.length ? lengthOf(value) : value;
}

/** `[*]` or a slice: on AWS, of what is not there it selects nothing. A filter does not. */
const MANY = /^(?!.*\[\s*\?).*\[\s*(\*|-?\d*\s*:)/;

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
  throw runtimeFailure(`Invalid path '${path}' : ${whyMissing(root ?? {}, compiled.lead)}`);
}

/** In AWS's words. */
export function refuseNull(root: Json | undefined): void {
  if (root === null) throw runtimeFailure('Unable to apply Path transformation to null or empty input.');
}

/** Whether a path leads past the end of an array, which AWS's payload templates take for null. */
export function isPastTheEnd(path: string, sources: Sources): boolean {
  const compiled = compilePath(path);
  const root = rootOf(compiled, sources);
  if (root === undefined || compiled.length || typeof compiled.lead.at(-1) !== 'number') return false;
  return compiled.query === undefined && Array.isArray(walk(root, compiled.lead.slice(0, -1)));
}

/** The one value at a path, for selecting outside a state machine; `undefined` if there is none, or several. */
export function selectPath(path: string, input: Json): Json | undefined {
  const value = select(path, { input, context: () => ({}) });
  if (compilePath(path).query === undefined) return value;
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

const queryAll = (root: Json, path: string): Json => query(root, path) as Json[];

const lengthOf = (value: Json): Json | undefined => {
  if (Array.isArray(value) || typeof value === 'string') return value.length;
  return isObject(value) ? Object.keys(value).length : undefined;
};
