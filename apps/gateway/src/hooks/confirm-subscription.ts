import { SubscriptionUnconfirmed } from './hooks.errors.js';

const TIMEOUT_MS = 10_000;

/** SNS asks again when it is not answered with success. */
export async function confirmSubscription(url: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // An address of AWS leads nowhere else.
    const { ok, status, body } = await fetch(url, { signal, redirect: 'error' });
    await body?.cancel();
    if (!ok) throw new Error(`it answered ${status}`);
  } catch (error) {
    throw new SubscriptionUnconfirmed(new URL(url).hostname, error);
  }
}
