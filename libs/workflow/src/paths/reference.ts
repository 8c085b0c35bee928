import { AslFailure } from '../failure.js';
import { isObject, member, withMember } from '../json.js';
import type { Json } from '../model.js';
import { compilePath, PathSyntaxError } from './compile.js';

/** A path that names exactly one place: names and indexes that count from the front. */
export function compileReference(path: string): readonly (string | number)[] {
  const { plain, ofContext, variable } = compilePath(path);
  if (!plain || ofContext || variable !== undefined || plain.some(isNegative)) {
    throw new PathSyntaxError(`'${path}' is not a reference path: it must name exactly one place.`);
  }
  return plain;
}

const isNegative = (key: string | number): boolean => typeof key === 'number' && key < 0;

/** A copy of the document with the value at the reference path; missing objects on the way are made. */
export function place(document: Json, path: string, value: Json): Json {
  const placed = placeAt(document, compileReference(path), value);
  if (placed === undefined) throw conflict(`ReferencePath ${path}`, document);
  return placed;
}

/** AWS's documentation calls it States.ResultPathMatchFailure. */
export const conflict = (what: string, document: Json): AslFailure =>
  new AslFailure(
    'States.ReferencePathConflict',
    `Unable to apply ${what} to input ${JSON.stringify(document).slice(0, 10_000)}`,
  );

/** `undefined` if there is no such place. */
function placeAt(document: Json, keys: readonly (string | number)[], value: Json): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (typeof key === 'number') {
    if (!Array.isArray(document) || key >= document.length) return undefined;
    const placed = placeAt(document[key] as Json, rest, value);
    return placed === undefined ? undefined : document.with(key, placed);
  }
  if (!isObject(document)) return undefined;
  const placed = placeAt(member(document, key) ?? {}, rest, value);
  return placed === undefined ? undefined : withMember(document, key, placed);
}
