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
const ITEMS_PER_STEP = 16;

/** Functions that look at items and members, and not into them. */
const SHALLOW: ReadonlySet<string> = new Set(
  'count exists type boolean not lookup map filter single reduce sift each keys append reverse zip sort spread merge'.split(
    ' ',
  ),
);

/** What a function needs beyond reading its arguments once. */
const GUARDS: { readonly [name: string]: Guard | undefined } = {
  pad: (meter, [, width, text = ' ']) => meter.admitBytes(Math.abs(Number(width)) * String(text).length),
  join: (meter, [parts, separator = '']) => meter.admitBytes(length(parts) * String(separator).length),
  sort: (meter, [array]) => meter.spend(length(array) * Math.log2(length(array) + 1)),
  distinct: (meter, [array]) => meter.spend(length(array) ** 2 / 100),
  replace: (meter, [text, pattern, replacement]) => {
    const added = typeof replacement === 'string' ? replacement.length : 0;
    meter.startReplacing(added);
    if (typeof text !== 'string' || typeof pattern !== 'string' || pattern === '') return;
    meter.admitBytes(text.length + (text.split(pattern).length - 1) * added);
  },
  formatNumber: (_, [, picture]) => checkPicture(picture),
  formatInteger: (_, [, picture]) => checkPicture(picture),
  parseInteger: (_, [, picture]) => checkPicture(picture),
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
export const guarded = (name: string, { implementation, signature }: LibraryFunction): LibraryFunction => ({
  _jsonata_function: true,
  implementation: paid(name, implementation),
  signature,
});

export function paid(name: string, implementation: Implementation): Implementation {
  const guard = GUARDS[name];
  const isShallow = SHALLOW.has(name);
  function paying(this: Focus, ...args: never[]): unknown {
    const meter = currentMeter();
    meter.spend(1);
    for (const arg of args) {
      if (isShallow) meter.spend(length(arg) / ITEMS_PER_STEP);
      else meter.spendBytes(meter.weigh(arg));
    }
    guard?.(meter, args);
    const result = implementation.apply(this, args);
    if (!isGenerator(result)) meter.admit(result);
    return result;
  }
  // The library asks a function how many arguments it takes.
  Object.defineProperty(paying, 'length', { value: implementation.length });
  // To apply a function to some of its arguments (`$f(?, 1)`) it reads their names in the function's text.
  Object.defineProperty(paying, 'toString', { value: () => implementation.toString() });
  return paying as Implementation;
}

const isGenerator = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';

const length = (value: unknown): number => (Array.isArray(value) ? value.length : 1);

function checkPicture(picture: unknown): void {
  if (typeof picture !== 'string') return;
  if (picture.length > MAX_PICTURE) throw new QueryFunctionError('D3137', 'The picture is too long');
  const isWide = picture.split(/\D+/).some((digits) => digits.length > MAX_WIDTH_DIGITS && !/^[01]+$/.test(digits));
  if (isWide) throw new QueryFunctionError('D3137', 'The picture asks for too wide a number');
}

/** How many ways there are to cut a text of so many characters into so many parts. */
function ways(characters: number, parts: number): number {
  let count = 1;
  for (let part = 1; part < parts; part++) count *= (characters + parts - part) / part;
  return count;
}
