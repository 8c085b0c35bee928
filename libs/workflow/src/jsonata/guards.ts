import type { Focus, Implementation } from './functions.js';
import { currentMeter, type Meter } from './meter.js';
import { QueryFunctionError } from './query-error.js';

/** A function of the library as it keeps it. */
export interface LibraryFunction {
  readonly _jsonata_function: true;
  readonly implementation: Implementation;
  readonly signature: unknown;
}

type Guard = (meter: Meter, args: readonly unknown[]) => void;

const MAX_PICTURE = 256;
const MAX_WIDTH_DIGITS = 3;

/** What a function needs beyond reading its arguments once. */
const GUARDS: { readonly [name: string]: Guard | undefined } = {
  pad: (meter, [, width, text = ' ']) => meter.admitBytes(Math.abs(Number(width)) * String(text).length),
  join: (meter, [parts, separator = '']) => meter.admitBytes(length(parts) * String(separator).length),
  distinct: (meter, [array]) => meter.spend(length(array) ** 2 / 100),
  zip: (meter, arrays) => meter.spend(arrays.reduce<number>((sum, array) => sum + length(array), 0)),
  replace: (meter, [text, pattern, replacement]) => {
    const added = typeof replacement === 'string' ? replacement.length : 0;
    meter.startReplacing(added);
    if (typeof text !== 'string' || typeof pattern !== 'string' || pattern === '') return;
    meter.admitBytes(text.length + (text.split(pattern).length - 1) * added);
  },
  formatNumber: (_, [, picture]) => checkPicture(picture),
  formatInteger: (_, [, picture]) => checkPicture(picture),
  parseInteger: (_, [text, picture]) => {
    checkPicture(picture);
    if (typeof text === 'string' && text.length > 1000) throw tooLong('The text');
  },
  fromMillis: (_, [, picture]) => checkPicture(picture),
  now: (_, [picture]) => checkPicture(picture),
  toMillis: (meter, [text, picture]) => {
    checkPicture(picture);
    if (typeof text !== 'string' || typeof picture !== 'string') return;
    // The library makes a regular expression of the picture, whose parts may share out the digits in so many ways.
    meter.spend(ways(text.length, picture.split('[').length - 1) / 1000);
  },
};

/** The same function, which now pays for what it reads and makes. */
export function guarded(name: string, { implementation, signature }: LibraryFunction): LibraryFunction {
  const guard = GUARDS[name];
  function paying(this: Focus, ...args: never[]): unknown {
    const meter = currentMeter();
    for (const arg of args) meter.spendBytes(meter.weigh(arg));
    guard?.(meter, args);
    const result = implementation.apply(this, args);
    if (!isGenerator(result)) meter.admit(result);
    return result;
  }
  // The library asks a function how many arguments it takes.
  Object.defineProperty(paying, 'length', { value: implementation.length });
  // To apply a function to some of its arguments (`$f(?, 1)`) it reads their names in the function's text.
  Object.defineProperty(paying, 'toString', { value: () => implementation.toString() });
  return { _jsonata_function: true, implementation: paying, signature };
}

const isGenerator = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';

const length = (value: unknown): number => (Array.isArray(value) ? value.length : 1);

function checkPicture(picture: unknown): void {
  if (typeof picture !== 'string') return;
  if (picture.length > MAX_PICTURE) throw tooLong('The picture');
  const isWide = picture.split(/\D+/).some((digits) => digits.length > MAX_WIDTH_DIGITS && !/^[01]+$/.test(digits));
  if (isWide) throw new QueryFunctionError('D3137', 'The picture asks for too wide a number');
}

const tooLong = (what: string): QueryFunctionError => new QueryFunctionError('D3137', `${what} is too long`);

/** How many ways there are to cut a text of so many characters into so many parts. */
function ways(characters: number, parts: number): number {
  let count = 1;
  for (let part = 1; part < parts; part++) count *= (characters + parts - part) / part;
  return count;
}
