export interface UsageFigures {
  readonly invocations: number;
  readonly failures: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly gpuSeconds: number;
  readonly memoryGbSecondsReserved: number;
  readonly memoryGbSecondsUsed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly eventBytes: number;
  readonly resultBytes: number;
}

export interface Usage {
  readonly items: readonly (UsageFigures & { readonly day: string; readonly function: string })[];
  readonly total: UsageFigures;
  readonly upTo?: string;
}
