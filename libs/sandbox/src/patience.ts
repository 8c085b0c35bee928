import { setTimeout as sleep } from 'node:timers/promises';

const STEPS = 10;

/**
 * So long, in steps. A machine that stood still, or a loop that was kept from turning, loses one step by it and not all:
 * what has come meanwhile is looked at before it is given up.
 */
export async function patience(ms: number): Promise<void> {
  for (let step = 0; step < STEPS; step++) await sleep(ms / STEPS, undefined, { ref: false });
}
