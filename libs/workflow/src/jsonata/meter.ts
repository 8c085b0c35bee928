import { QueryLimitExceeded } from './query-error.js';

/**
 * What one evaluation may cost. Expressions come from users, so none may hang or exhaust the process. The limits count
 * work and sizes instead of looking at a clock: the same expression over the same data always ends the same way. Depth
 * and size are AWS's own, to the unit (`1+1+…` of 100 terms, `[1..873782]`, a string of 2^22 characters).
 */
export const MAX_DEPTH = 100;
/** A number counts 8, a character 1. */
export const MAX_VALUE_BYTES = 6_990_256;
/** About 1.3 microseconds each: a second in all. It is enough for `$sum($map([1..200000], …))`, which AWS evaluates. */
export const MAX_STEPS = 700_000;

const DEPTH =
  'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive';
const MEMORY = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';
const TIME = 'Expression evaluation timeout: Check for infinite loop';

/** Bytes of a value that are walked or copied in the time of one step. */
const BYTES_PER_STEP = 64;

export class Meter {
  private steps = 0;
  private depth = 0;
  /** Values share parts, so that small ones may be astronomically large as text: each part is weighed once. */
  private readonly sizes = new WeakMap<object, number>();
  /** What each match of a regular expression adds, while $replace runs. */
  bytesPerMatch = 0;
  private matched = 0;

  constructor(private readonly maxSteps = MAX_STEPS) {}

  enter(): void {
    if (++this.depth > MAX_DEPTH) throw new QueryLimitExceeded(DEPTH);
    this.spend(1);
  }

  leave(): void {
    this.depth--;
  }

  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.maxSteps) throw new QueryLimitExceeded(TIME);
  }

  /** For what is about to read or copy so many bytes. */
  spendBytes(bytes: number): void {
    this.spend(bytes / BYTES_PER_STEP);
  }

  /** Refuses a value before it is made. */
  admitBytes(bytes: number): void {
    if (bytes > MAX_VALUE_BYTES) throw new QueryLimitExceeded(MEMORY);
    this.spendBytes(bytes);
  }

  match(textLength: number): void {
    this.spend(1 + textLength / BYTES_PER_STEP);
    this.matched += this.bytesPerMatch;
    if (this.matched > MAX_VALUE_BYTES) throw new QueryLimitExceeded(MEMORY);
  }

  startReplacing(bytesPerMatch: number): void {
    this.bytesPerMatch = bytesPerMatch;
    this.matched = 0;
  }

  /** Refuses a value that was made, and is too large. */
  admit(value: unknown): void {
    if (this.weigh(value) > MAX_VALUE_BYTES) throw new QueryLimitExceeded(MEMORY);
  }

  weigh(value: unknown): number {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return 8;
    const known = this.sizes.get(value);
    if (known !== undefined) return known;
    this.sizes.set(value, 0);
    const size = this.weighParts(value);
    this.sizes.set(value, size);
    return size;
  }

  private weighParts(value: object): number {
    let size = 0;
    if (Array.isArray(value)) {
      this.spend(value.length / 16);
      for (const item of value) size += this.weigh(item);
      return size;
    }
    if ('_jsonata_lambda' in value || '_jsonata_function' in value) return 8;
    for (const key of Object.keys(value)) {
      this.spend(1 / 8);
      size += key.length + this.weigh((value as Record<string, unknown>)[key]);
    }
    return size;
  }
}

/** The evaluation that runs now: the library calls back without a word about whose work it is. None runs inside another. */
let current = new Meter();

export const currentMeter = (): Meter => current;

export function metered<T>(maxSteps: number | undefined, evaluate: (meter: Meter) => T): T {
  current = new Meter(maxSteps);
  return evaluate(current);
}
