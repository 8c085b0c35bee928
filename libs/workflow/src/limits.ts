import { AslFailure, runtimeFailure } from './failure.js';
import type { Json } from './model.js';

/**
 * AWS's limit on the input and the output of a state, in bytes of UTF-8 JSON. It is what counts where the surroundings
 * say nothing: an engine that keeps large data elsewhere allows more.
 */
export const MAX_DATA_BYTES = 256 * 1024;
/** Deeper data is refused, so that everything else may recurse. */
export const MAX_DATA_DEPTH = 1000;

/** Gives the data back, or fails when no state may carry them. */
export function withinLimits(data: Json, what: string, maxBytes = MAX_DATA_BYTES): Json {
  if (limitedBytes(data, what, maxBytes) === undefined) {
    const cause = `${what} is larger than the maximum of ${maxBytes} bytes.`;
    throw new AslFailure('States.DataLimitExceeded', cause);
  }
  return data;
}

/** The size of what a state or its work gave; if it is too large, the failure is told in AWS's words. */
export function resultBytes(data: Json, name: string, maxBytes = MAX_DATA_BYTES): number {
  const bytes = limitedBytes(data, `The result of '${name}'`, maxBytes);
  if (bytes !== undefined) return bytes;
  throw tooLarge(name);
}

export const tooLarge = (name: string): AslFailure => new AslFailure('States.DataLimitExceeded', resultTooLarge(name));

/** AWS's words. */
export const resultTooLarge = (name: string): string =>
  `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`;

/** The size, unless it is too large. */
function limitedBytes(data: Json, what: string, maxBytes: number): number | undefined {
  const { bytes, depth, isStorable } = measure(data, maxBytes);
  if (!isStorable) throw runtimeFailure(`${what} has NUL or half of a surrogate pair in a text, which cannot be kept.`);
  if (depth > MAX_DATA_DEPTH) throw runtimeFailure(`${what} is nested more than ${MAX_DATA_DEPTH} levels deep.`);
  return bytes > maxBytes ? undefined : bytes;
}

interface Measured {
  readonly bytes: number;
  readonly depth: number;
  /** No text in it has what Postgres' jsonb cannot hold: expressions can make such text of any other. */
  readonly isStorable: boolean;
}

/** Data are measured as a result, an output and an input, one after the other. */
let last: { readonly data: Json; readonly maxBytes: number; readonly measured: Measured } | undefined;

/** Bytes as JSON and depth. */
export function measure(data: Json, maxBytes: number): Measured {
  if (last?.data === data && last.maxBytes === maxBytes) return last.measured;
  unstorable = false;
  const measured = { ...(measureShallow(data, maxBytes) ?? measureLevels(data, maxBytes)), isStorable: !unstorable };
  last = { data, maxBytes, measured };
  return measured;
}

const SHALLOW = 64;
let deepest = 0;
let unstorable = false;

type Sized = Omit<Measured, 'isStorable'>;

/** By recursion, which is fast; gives up on what is deep or large. */
function measureShallow(data: Json, maxBytes: number): Sized | undefined {
  deepest = 0;
  const bytes = bytesOf(data, 0, maxBytes);
  return bytes <= maxBytes ? { bytes, depth: deepest } : undefined;
}

function bytesOf(value: Json, depth: number, most: number): number {
  if (typeof value !== 'object' || value === null) {
    if (depth > deepest) deepest = depth;
    return scalarBytes(value);
  }
  if (depth > SHALLOW) return Infinity;
  if (depth > deepest) deepest = depth;
  if (Array.isArray(value)) {
    let bytes = 2 + Math.max(0, value.length - 1);
    for (const item of value) if ((bytes += bytesOf(item, depth + 1, most)) > most) return Infinity;
    return bytes;
  }
  let bytes = 2;
  for (const key of Object.keys(value)) {
    bytes += stringBytes(key) + (bytes > 2 ? 2 : 1) + bytesOf(value[key] as Json, depth + 1, most);
    if (bytes > most) return Infinity;
  }
  return bytes;
}

const scalarBytes = (value: null | boolean | number | string): number =>
  typeof value === 'string' ? stringBytes(value) : String(value).length;

/**
 * Without recursion and without building the text. Stops soon after `maxBytes`: a template
 * that names the same value twice, again and again, makes a small graph that is an astronomically large document.
 */
function measureLevels(data: Json, maxBytes: number): Sized {
  let bytes = 0;
  let depth = 0;
  for (let level: Json[] = [data]; ; depth++) {
    const below: Json[] = [];
    for (const value of level) {
      bytes += ownBytes(value, below);
      if (bytes > maxBytes) return { bytes, depth };
    }
    if (below.length === 0 || depth > MAX_DATA_DEPTH) return { bytes, depth };
    level = below;
  }
}

/** The bytes of a value without those inside of it, which are added to `below`. */
function ownBytes(value: Json, below: Json[]): number {
  if (typeof value !== 'object' || value === null) return scalarBytes(value);
  if (Array.isArray(value)) {
    for (const item of value) below.push(item);
    return 2 + Math.max(0, value.length - 1);
  }
  let bytes = 2;
  for (const key of Object.keys(value)) {
    bytes += stringBytes(key) + (bytes > 2 ? 2 : 1);
    below.push(value[key] as Json);
  }
  return bytes;
}

/** A character that is not one byte of JSON. */
const NOT_PLAIN = /[^ !#-[\]-~]/;
/** A search reads longer texts in less than half of the time of the count; shorter ones are counted before it has begun. */
const SHORT_TEXT = 40;

/** A JSON string's bytes in UTF-8, quotes and escapes included. */
function stringBytes(text: string): number {
  if (text.length > SHORT_TEXT && !NOT_PLAIN.test(text)) return text.length + 2;
  let bytes = 2;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22 || unit === 0x5c) bytes += 2;
    else if (unit < 0x20) {
      bytes += isShortEscape(unit) ? 2 : 6;
      if (unit === 0) unstorable = true;
    } else if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isSurrogatePair(text, i)) {
      bytes += 4;
      i++;
    } else if (isSurrogate(unit)) {
      bytes += 6;
      unstorable = true;
    } else bytes += 3;
  }
  return bytes;
}

const isShortEscape = (unit: number): boolean => (unit >= 8 && unit <= 10) || unit === 12 || unit === 13;
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
const isSurrogatePair = (text: string, at: number): boolean => (text.codePointAt(at) ?? 0) > 0xffff;
