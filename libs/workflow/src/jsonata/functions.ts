import type { Chance } from '../intrinsics/chance.js';
import { hash } from '../intrinsics/hash.js';
import type { Json } from '../model.js';
import { AslFailure } from '../failure.js';
import { javaRandom } from '../java-random.js';
import { parseJson } from './parse-json.js';
import { QueryFunctionError, QueryLimitExceeded } from './query-error.js';

/** A function as the library knows it: `this` is its place in the evaluation. */
export interface Focus {
  readonly environment: { lookup(name: string): unknown };
}
export type Implementation = (this: Focus, ...args: never[]) => unknown;

/** What a function may know besides its arguments; the name cannot be written in an expression. */
export const SURROUNDINGS = 'spool:surroundings';
export type QuerySurroundings = Chance & { readonly now: number };

const around = (focus: Focus): QuerySurroundings => focus.environment.lookup(SURROUNDINGS) as QuerySurroundings;

/** AWS's limit on what `$range` makes. */
const MAX_RANGE = 360_145;

/** The functions that AWS adds, and those whose result would differ from one replay to the next. Name to [signature, implementation]. */
export const FUNCTIONS: { readonly [name: string]: readonly [string, Implementation] } = {
  partition: ['<x?n?:a>', (list: Json | undefined, size: number | undefined) => partition(list, size)],
  range: ['<nnn?:a>', range],
  hash: [
    '<s-s?:s>',
    (text: string | undefined, algorithm: string | undefined) =>
      text === undefined || algorithm === undefined ? undefined : digest(text, algorithm),
  ],
  parse: ['<s?:x>', (text: string | undefined) => (text === undefined ? undefined : parseJson(text))],
  random: [
    '<n?:n>',
    function (this: Focus, seed: number | undefined) {
      return seed === undefined ? around(this).random() : javaRandom(seed);
    },
  ],
  uuid: [
    '<:s>',
    function (this: Focus) {
      return around(this).uuid();
    },
  ],
  millis: [
    '<:n>',
    function (this: Focus) {
      return around(this).now;
    },
  ],
  shuffle: [
    '<a:a>',
    function (this: Focus, array: Json[] | undefined) {
      return array && shuffled(array, around(this));
    },
  ],
};

/** One value stands for a list of it, but null does not. */
function partition(list: Json | undefined, size: number | undefined): Json[] | undefined {
  if (list === null) throw new QueryFunctionError('T0412', 'The first argument must be an array', 1);
  const array = list === undefined || Array.isArray(list) ? list : [list];
  if (!array?.length) return undefined;
  if (size === undefined) return [array];
  const whole = Math.trunc(size);
  if (whole < 0) throw new QueryFunctionError('D3137', 'Second argument must be zero or greater');
  if (whole === 0) return undefined;
  const count = Math.ceil(array.length / whole);
  return Array.from({ length: count }, (_, chunk) => array.slice(chunk * whole, (chunk + 1) * whole));
}

/** A single number stands for itself, and what counts the wrong way is nothing. */
function range(first?: number, last?: number, step?: number): number[] | number | undefined {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [from, to, by] = [first, last, step].map(Math.trunc) as [number, number, number];
  const length = by === 0 ? 0 : Math.floor((to - from) / by) + 1;
  if (length <= 0) return undefined;
  if (length > MAX_RANGE) {
    throw new QueryLimitExceeded('Expression evaluation memory limit exceeded: Check for excessive memory usage');
  }
  const numbers = Array.from({ length }, (_, index) => from + index * by);
  return length === 1 ? numbers[0] : numbers;
}

function digest(text: string, algorithm: string): string {
  try {
    return hash(text, algorithm);
  } catch (error) {
    if (error instanceof AslFailure) throw new QueryFunctionError('D3137', `Invalid algorithm: ${algorithm}`);
    throw error;
  }
}

function shuffled(array: readonly Json[], chance: Chance): Json[] {
  const result = [...array];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(chance.random() * (last + 1));
    [result[last], result[other]] = [result[other] as Json, result[last] as Json];
  }
  return result;
}
