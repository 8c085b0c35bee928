import { createHash } from 'node:crypto';

/** How much later a tick fires: from 0 to the limit, always the same for one tick, and different for others. */
export function jitterMs(triggerId: string, tickMs: number, limitSeconds = 0): number {
  if (limitSeconds === 0) return 0;
  const share = createHash('sha256').update(`${triggerId} ${tickMs}`).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(share * limitSeconds * 1_000);
}
