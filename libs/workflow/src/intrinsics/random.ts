/** An integer from `least` up to, but not, `end`, for a draw from 0 up to, but not, 1. */
export const scale = (least: number, end: number, draw: number): number => least + Math.floor(draw * (end - least));

/** The first draw of a mulberry32 generator: the same seed gives the same number, though not the one AWS gives. */
export function drawOf(seed: number): number {
  const mixed = (seed + 0x6d2b79f5) | 0;
  let bits = Math.imul(mixed ^ (mixed >>> 15), 1 | mixed);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}
