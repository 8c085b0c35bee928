import { AslFailure } from '../failure.js';
import { isObject, member, typeName, withMember } from '../json.js';
import type { Json } from '../model.js';
import { compilePath, PathSyntaxError } from './compile.js';

/** A path that names exactly one place: names and indexes that count from the front. */
export function compileReference(path: string): readonly (string | number)[] {
  const { lead, query, length, ofContext, variable } = compilePath(path);
  const isReference =
    query === undefined && !length && !ofContext && variable === undefined && lead.every((key) => !isNegative(key));
  if (!isReference) throw new PathSyntaxError(`'${path}' is not a reference path: it must name exactly one place.`);
  return lead;
}

const isNegative = (key: string | number): boolean => typeof key === 'number' && key < 0;

/** A copy of the document with the value at the reference path; missing objects on the way are made. */
export function place(document: Json, path: string, value: Json): Json {
  return placeAt(document, compileReference(path), value, path);
}

function placeAt(document: Json, keys: readonly (string | number)[], value: Json, path: string): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (typeof key === 'number') {
    if (!Array.isArray(document) || key >= document.length) throw mismatch(path, document, `the index ${key}`);
    return document.with(key, placeAt(document[key] as Json, rest, value, path));
  }
  if (!isObject(document)) throw mismatch(path, document, `the field '${key}'`);
  return withMember(document, key, placeAt(member(document, key) ?? {}, rest, value, path));
}

const mismatch = (path: string, found: Json, wanted: string): AslFailure =>
  new AslFailure(
    'States.ResultPathMatchFailure',
    `Unable to apply ResultPath '${path}': ${typeName(found)} of the input cannot take ${wanted}.`,
  );
