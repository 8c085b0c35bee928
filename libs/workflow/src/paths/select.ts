import { query } from 'jsonpath-rfc9535';
import { runtimeFailure } from '../failure.js';
import { isObject, member } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { type CompiledPath, compilePath, PathSyntaxError } from './compile.js';

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
  if (found === undefined) return undefined;
  const value = compiled.query === undefined ? found : queryAll(root, compiled.query);
  return compiled.length ? lengthOf(value) : value;
}

function rootOf({ ofContext, variable }: CompiledPath, { input, context, variables = {} }: Sources): Json | undefined {
  if (variable !== undefined) return member(variables, variable);
  return ofContext ? context() : input;
}

/** The same, but to find nothing is a States.Runtime failure. */
export function selectRequired(path: string, sources: Sources, field: string): Json {
  const value = select(path, sources);
  if (value === undefined) throw runtimeFailure(`Invalid path '${path}' in ${field}: nothing is found there.`);
  return value;
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
