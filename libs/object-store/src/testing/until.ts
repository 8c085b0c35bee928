import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once the condition holds; throws with its text if it doesn't within 10 s. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not become true that ${condition}`);
    await sleep(5);
  }
}
