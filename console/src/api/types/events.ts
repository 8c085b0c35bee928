import type { Json, LargeValue } from './values.js';

export interface Trigger {
  readonly name: string;
  readonly kind: string;
  readonly source: { readonly [key: string]: Json };
  readonly target: { readonly workflow?: string; readonly function?: string };
  readonly enabled: boolean;
}

/** What came in, and what it started. */
export interface StoredEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data?: Json;
  readonly receivedAt: string;
  readonly started: readonly {
    readonly trigger: string;
    readonly targetKind: 'workflow' | 'function';
    readonly targetId: string;
  }[];
}

/** What could not be handled. */
export interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  readonly payload: Json;
  /** Of a payload that is left out, because it is large. */
  readonly payloadDetails?: LargeValue;
  readonly error: string;
  readonly cause: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly redrivenAt: string | null;
}

/** How far a topic trigger has read. */
export interface TriggerPlace {
  readonly lag: number;
  readonly waiting: number;
  readonly running: number;
  readonly resetTo?: Json;
}

/** Of the objects of a bucket that triggers wait for. */
export interface BucketLedger {
  readonly bucket: string;
  readonly seen: number;
  readonly acted: number;
  readonly pending: number;
  readonly settling: number;
  readonly healed: number;
  readonly lagP50Seconds: number | null;
  readonly lagP99Seconds: number | null;
  readonly sweep?: { readonly finishedAt: string | null; readonly error: string | null };
}
