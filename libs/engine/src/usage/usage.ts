/** Something that ran and is not in the table "task", to be counted with what is. */
export interface UsageEntry {
  readonly namespace: string;
  readonly function: string;
  readonly endedAt: Date;
  readonly failed: boolean;
  readonly wallMs: number;
  readonly cpuMs?: number;
  readonly gpuMs?: number;
  /** Reserved. */
  readonly memoryMb: number;
  /** The peak. */
  readonly usedMb?: number;
  /** Of files. */
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly eventBytes?: number;
  readonly resultBytes?: number;
}

/** What a function has used on a day, by UTC. */
export interface UsageDay {
  readonly day: string;
  readonly function: string;
  readonly invocations: number;
  readonly failures: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly gpuMs: number;
  readonly reservedMbMs: number;
  readonly usedMbMs: number;
  /** Of files. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly eventBytes: number;
  readonly resultBytes: number;
}

export interface UsageFilter {
  /** Days, both included: 2026-01-31. */
  readonly from: string;
  readonly to: string;
  readonly function?: string | undefined;
}
