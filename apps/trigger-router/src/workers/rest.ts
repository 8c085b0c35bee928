import { setTimeout as sleep } from 'node:timers/promises';
import { ChildAbort, type Wakeups } from '@app/common';

/** No hint is sure to arrive: everybody looks by itself after this long at the latest. */
const LONGEST_REST_MS = 5_000;

/**
 * Looks for work, then rests until something is due or a hint comes. `look` gives the milliseconds until the next
 * is due; 0 means that there is more now, undefined that nothing is known.
 */
export async function lookThenRest(
  wakeups: Wakeups,
  topic: string,
  look: () => Promise<number | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const settled = new ChildAbort(signal);
  // Listening before looking: what comes in between is not missed. The jitter keeps replicas out of step.
  const longest = LONGEST_REST_MS * (0.8 + 0.4 * Math.random());
  const hint = wakeups.wait(topic, longest, settled.signal);
  try {
    const dueInMs = (await look()) ?? longest;
    if (dueInMs <= 0) return;
    await Promise.race([
      hint,
      sleep(Math.min(dueInMs, longest), undefined, { signal: settled.signal }).catch(() => {}),
    ]);
  } finally {
    settled.release();
  }
}
