import type { Usage } from '@app/worker-api';
import type { FunctionVersion } from '../functions/function-version.js';

/** An invocation that went past the queue. Times are `performance.now()` of this process. */
export interface FastCall {
  readonly id: string;
  readonly namespace: string;
  readonly version: FunctionVersion;
  /** JSON, as it came. */
  readonly event: Buffer;
  readonly clientContext?: string | undefined;
  readonly createdAt: number;
}

export type FastStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED';

export interface FastEnd {
  readonly status: FastStatus;
  /** JSON, as it came. */
  readonly output?: Buffer;
  readonly error?: string;
  readonly cause?: string;
  readonly usage: Usage;
}

/** What is kept of it. */
export interface CallRecord {
  readonly call: FastCall;
  readonly executorId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly end: FastEnd;
}
