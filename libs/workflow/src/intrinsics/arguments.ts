import { AslFailure } from '../failure.js';
import { isObject, typeName } from '../json.js';
import { MAX_DATA_DEPTH, measure } from '../limits.js';
import type { Json, JsonObject } from '../model.js';

type Argument = Json | undefined;

export const fail = (name: string, reason: string): AslFailure =>
  new AslFailure('States.IntrinsicFailure', `${name} ${reason}.`);

const wrong = (name: string, wanted: string, found: Argument): AslFailure =>
  fail(name, `needs ${wanted} and was given ${typeName(found)}`);

/** AWS's limit on the text of States.Hash and the Base64 functions. */
const MAX_CHARACTERS = 10_000;
/** AWS's numbers are 32 bits wide. */
const MAX_INTEGER = 2 ** 31 - 1;

export function string(value: Argument, name: string): string {
  if (typeof value !== 'string') throw wrong(name, 'a string', value);
  return value;
}

export function shortText(value: Argument, name: string): string {
  const text = string(value, name);
  if (text.length > MAX_CHARACTERS) throw fail(name, `takes at most ${MAX_CHARACTERS} characters`);
  return text;
}

/** A number with a fraction is rounded, as AWS does. */
export function integer(value: Argument, name: string): number {
  if (typeof value !== 'number') throw wrong(name, 'a number', value);
  const rounded = Math.round(value);
  if (Math.abs(rounded) > MAX_INTEGER + (rounded < 0 ? 1 : 0)) throw fail(name, 'takes integers of 32 bits only');
  return rounded + 0;
}

export function boolean(value: Argument, name: string): boolean {
  if (typeof value !== 'boolean') throw wrong(name, 'a boolean', value);
  return value;
}

export function list(value: Argument, name: string): Json[] {
  if (!Array.isArray(value)) throw wrong(name, 'an array', value);
  return value;
}

export function object(value: Argument, name: string): JsonObject {
  if (!isObject(value)) throw wrong(name, 'an object', value);
  return value;
}

/** What this process bears. What comes of it is held to the limits of the state. */
const MAX_ARGUMENT_BYTES = 64 * 1024 * 1024;

/** A value may be small in memory and huge as text, because parts of it are shared. */
export function measured(value: Json, name: string): Json {
  const { bytes, depth } = measure(value, MAX_ARGUMENT_BYTES);
  if (bytes > MAX_ARGUMENT_BYTES || depth > MAX_DATA_DEPTH)
    throw fail(name, 'was given a value that is too large or deep');
  return value;
}
