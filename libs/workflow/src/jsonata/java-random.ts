const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** The first number that `java.util.Random` draws for a seed: AWS's `$random(42)` is 0.7275636800328681. */
export function javaRandom(seed: number): number {
  const first = next((BigInt(Math.trunc(seed)) ^ MULTIPLIER) & MASK);
  const second = next(first);
  return (Number(first >> 22n) * 2 ** 27 + Number(second >> 21n)) / 2 ** 53;
}

const next = (state: bigint): bigint => (state * MULTIPLIER + 0xbn) & MASK;
