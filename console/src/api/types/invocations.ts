import type { Json } from './values.js';

export type InvocationStatus = 'QUEUED' | 'RUNNING' | 'PUBLISHING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED';

export interface Invocation {
  readonly id: string;
  readonly function: string;
  readonly version?: number | null;
  readonly executionId?: string | null;
  readonly stateName?: string | null;
  readonly frameId?: number | null;
  readonly status: InvocationStatus;
  readonly attempt: number;
  readonly lane?: 'fast' | 'queue';
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: string | null;
  readonly cause?: string | null;
  readonly progress?: {
    readonly percent?: number;
    readonly message?: string;
    readonly speed?: number;
    readonly etaSeconds?: number;
  } | null;
  readonly executor?: string | null;
  readonly waiting?: { readonly ahead: number; readonly reasons: readonly { readonly message: string }[] };
  readonly cachedFrom?: {
    readonly invocation: string;
    readonly execution?: string;
    readonly savedCpuMs: number;
  } | null;
  readonly createdAt: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
}

export interface LogLine {
  readonly id: string;
  readonly at: string;
  readonly attempt: number;
  readonly stream: string;
  readonly line: string;
}
