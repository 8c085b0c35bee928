import { equals, isObject } from '../json.js';
import type { Json } from '../model.js';
import { boolean, fail, integer, list, measured, object, shortText, string } from './arguments.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import type { Chance } from './chance.js';
import { format } from './format.js';
import { hash } from './hash.js';
import { drawn, scale } from './random.js';

export interface Intrinsic {
  /** How many arguments it takes. */
  readonly least: number;
  readonly most: number;
  call(args: readonly Json[], chance: Chance): Json;
}

/** AWS's limit on what States.ArrayRange makes. */
const MAX_RANGE = 1000;

const take = (least: number, most: number, call: Intrinsic['call']): Intrinsic => ({ least, most, call });

/** All of the language's functions. A wrong argument is a States.IntrinsicFailure. */
export const INTRINSICS: { readonly [name: string]: Intrinsic } = {
  'States.Format': take(1, Infinity, ([template, ...values]) => format(string(template, 'States.Format'), values)),
  'States.StringToJson': take(1, 1, ([text]) => parseJson(string(text, 'States.StringToJson'))),
  'States.JsonToString': take(1, 1, ([value]) => toText(value as Json)),
  'States.Array': take(0, Infinity, (items) => [...items]),
  'States.ArrayPartition': take(2, 2, ([array, size]) => {
    const name = 'States.ArrayPartition';
    return partition(list(array, name), integer(size, name));
  }),
  'States.ArrayContains': take(2, 2, ([array, wanted]) =>
    list(array, 'States.ArrayContains').some((item) => equals(item, wanted as Json)),
  ),
  'States.ArrayRange': take(3, 3, ([first, last, step]) => {
    const name = 'States.ArrayRange';
    return range(integer(first, name), integer(last, name), integer(step, name));
  }),
  'States.ArrayGetItem': take(2, 2, ([array, index]) => {
    const name = 'States.ArrayGetItem';
    return itemAt(list(array, name), integer(index, name));
  }),
  'States.ArrayLength': take(1, 1, ([array]) => list(array, 'States.ArrayLength').length),
  'States.ArrayUnique': take(1, 1, ([array]) => unique(list(array, 'States.ArrayUnique'))),
  'States.Base64Encode': take(1, 1, ([text]) => encodeBase64(shortText(text, 'States.Base64Encode'))),
  'States.Base64Decode': take(1, 1, ([text]) => decodeBase64(shortText(text, 'States.Base64Decode'))),
  'States.Hash': take(2, 2, ([data, algorithm]) => {
    const text = typeof data === 'string' ? data : toText(data as Json);
    return hash(shortText(text, 'States.Hash'), string(algorithm, 'States.Hash'));
  }),
  'States.JsonMerge': take(3, 3, ([left, right, deep]) => {
    const name = 'States.JsonMerge';
    if (boolean(deep, name)) throw fail(name, 'only merges shallowly: its third argument must be false');
    return Object.fromEntries([...Object.entries(object(left, name)), ...Object.entries(object(right, name))]);
  }),
  'States.MathRandom': take(2, 3, ([from, to, seed], chance) => {
    const name = 'States.MathRandom';
    const [least, end] = [integer(from, name), integer(to, name)];
    if (end <= least) throw fail(name, 'needs an end that is greater than its start');
    return seed === undefined ? scale(least, end, chance.random()) : drawn(least, end, integer(seed, name));
  }),
  'States.MathAdd': take(2, 2, ([a, b]) => integer(a, 'States.MathAdd') + integer(b, 'States.MathAdd')),
  'States.StringSplit': take(2, 2, ([text, delimiters]) =>
    split(string(text, 'States.StringSplit'), string(delimiters, 'States.StringSplit')),
  ),
  'States.UUID': take(0, 0, (_, chance) => chance.uuid()),
};

/** Of text without a value, AWS makes null. */
function parseJson(text: string): Json {
  if (text.trim() === '') return null;
  try {
    const value: Json = JSON.parse(text);
    measured(value, 'States.StringToJson');
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw fail('States.StringToJson', `was given no JSON: ${error.message}`);
    throw error;
  }
}

const toText = (value: Json): string => JSON.stringify(measured(value, 'States.JsonToString'));

function partition(array: Json[], size: number): Json[] {
  if (size < 1) throw fail('States.ArrayPartition', 'needs a chunk size of at least 1');
  const count = Math.ceil(array.length / size);
  return Array.from({ length: count }, (_, chunk) => array.slice(chunk * size, (chunk + 1) * size));
}

function range(first: number, last: number, step: number): Json {
  if (step === 0) throw fail('States.ArrayRange', 'needs a step that is not 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > MAX_RANGE) throw fail('States.ArrayRange', `makes at most ${MAX_RANGE} items`);
  return Array.from({ length }, (_, index) => first + index * step);
}

function itemAt(array: Json[], index: number): Json {
  const item = index < 0 ? undefined : array[index];
  if (item === undefined) throw fail('States.ArrayGetItem', `found no item ${index} in an array of ${array.length}`);
  return item;
}

/** By value: a key that is the same for equal items, whatever the order of their fields. */
function unique(array: Json[]): Json[] {
  measured(array, 'States.ArrayUnique');
  const seen = new Set<string>();
  return array.filter((item) => {
    const key = canonical(item);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}

/** Each character of `delimiters` separates; empty parts are dropped. */
function split(text: string, delimiters: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const char of text) {
    if (!delimiters.includes(char)) part += char;
    else {
      if (part) parts.push(part);
      part = '';
    }
  }
  return part ? [...parts, part] : parts;
}
