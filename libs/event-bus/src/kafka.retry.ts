import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

interface KafkaError {
  readonly retriable?: boolean;
  readonly type?: string;
}

/** kafkajs tries most requests again by itself, but not those of its admin client. */
export async function retried<T>(retries: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error as KafkaError).retriable || attempt >= retries) throw error;
      await sleep(Math.min(FIRST_PAUSE_MS * 2 ** attempt, LAST_PAUSE_MS));
    }
  }
}

/** The group is being divided anew, so another join follows. */
export const isRebalance = (error: unknown): boolean =>
  ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes((error as KafkaError).type ?? '');
