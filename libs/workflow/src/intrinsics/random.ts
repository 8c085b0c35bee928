import { javaRandomBelow } from '../java-random.js';

/** An integer from `least` up to, but not, `end`, for a draw from 0 up to, but not, 1. */
export const scale = (least: number, end: number, draw: number): number => least + Math.floor(draw * (end - least));

/** The same for a seed. AWS does not say how it draws; `java.util.Random` is what its `$random` draws from. */
export function drawn(least: number, end: number, seed: number): number {
  const size = end - least;
  // Java's integers have no bound beyond 31 bits.
  return size < 2 ** 31
    ? least + javaRandomBelow(size, seed)
    : scale(least, end, javaRandomBelow(2 ** 30, seed) / 2 ** 30);
}
