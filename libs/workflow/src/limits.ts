import { AslFailure, runtimeFailure } from './failure.js';
import type { Json } from './model.js';

/** AWS's limit on the input and the output of a state, in bytes of UTF-8 JSON. */
export const MAX_DATA_BYTES = 256 * 1024;
/** Deeper data is refused, so that everything else may recurse. */
export const MAX_DATA_DEPTH = 1000;

/** Gives the data back, or fails when no state may carry them. */
export function withinLimits(data: Json, what: string): Json {
  const { bytes, depth } = measure(data, MAX_DATA_BYTES);
  if (depth > MAX_DATA_DEPTH) throw runtimeFailure(`${what} is nested more than ${MAX_DATA_DEPTH} levels deep.`);
  if (bytes > MAX_DATA_BYTES) {
    const cause = `${what} is larger than the maximum of ${MAX_DATA_BYTES} bytes.`;
    throw new AslFailure('States.DataLimitExceeded', cause);
  }
  return data;
}

/**
 * Bytes as JSON and depth, without recursion and without building the text. Stops soon after `maxBytes`: a template
 * that names the same value twice, again and again, makes a small graph that is an astronomically large document.
 */
export function measure(data: Json, maxBytes: number): { bytes: number; depth: number } {
  let bytes = 0;
  let deepest = 0;
  const open: [Json, number][] = [[data, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next;
    deepest = Math.max(deepest, depth);
    if (bytes > maxBytes || deepest > MAX_DATA_DEPTH) break;
    if (typeof value === 'string') bytes += stringBytes(value);
    else if (typeof value !== 'object' || value === null) bytes += String(value).length;
    else if (Array.isArray(value)) {
      bytes += 2 + Math.max(0, value.length - 1);
      for (const item of value) open.push([item, depth + 1]);
    } else {
      const entries = Object.entries(value);
      bytes += 2 + Math.max(0, entries.length - 1);
      for (const [key, item] of entries) {
        bytes += stringBytes(key) + 1;
        open.push([item, depth + 1]);
      }
    }
  }
  return { bytes, depth: deepest };
}

/** A JSON string's bytes in UTF-8, quotes and escapes included. */
function stringBytes(text: string): number {
  let bytes = 2;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22 || unit === 0x5c) bytes += 2;
    else if (unit < 0x20) bytes += isShortEscape(unit) ? 2 : 6;
    else if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isSurrogatePair(text, i)) {
      bytes += 4;
      i++;
    } else bytes += isSurrogate(unit) ? 6 : 3;
  }
  return bytes;
}

const isShortEscape = (unit: number): boolean => (unit >= 8 && unit <= 10) || unit === 12 || unit === 13;
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
const isSurrogatePair = (text: string, at: number): boolean => (text.codePointAt(at) ?? 0) > 0xffff;
