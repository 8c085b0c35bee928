const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** The first number that `java.util.Random` draws for a seed: AWS's `$random(42)` is 0.7275636800328681. */
export function javaRandom(seed: number): number {
  const first = begin(seed);
  const second = next(first);
  return (Number(first >> 22n) * 2 ** 27 + Number(second >> 21n)) / 2 ** 53;
}

/** The same of its integers from 0 up to, but not, `bound`, which is of 32 bits: of 10 and seed 42 it is 0. */
export function javaRandomBelow(bound: number, seed: number): number {
  for (let state = begin(seed); ; state = next(state)) {
    const bits = Number(state >> 17n);
    if (Number.isInteger(Math.log2(bound))) return Math.floor((bound * bits) / 2 ** 31);
    // Of the last numbers, some would come more often.
    if (bits - (bits % bound) + bound <= 2 ** 31) return bits % bound;
  }
}

const begin = (seed: number): bigint => next((BigInt(Math.trunc(seed)) ^ MULTIPLIER) & MASK);
const next = (state: bigint): bigint => (state * MULTIPLIER + 0xbn) & MASK;
