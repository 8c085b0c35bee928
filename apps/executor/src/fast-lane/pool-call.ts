import type { HotCall, HotEnd, HotListener, StopReason } from '@app/sandbox';
import type { Usage } from '@app/worker-api';

/** A call as a pool has it: what it is, and who is told what becomes of it. */
export interface PoolCall extends HotCall, HotListener {
  readonly cameAt: number;
  readonly onEnd: (end: HotEnd, scratch?: Scratch) => void;
  readonly onDeclined: () => void;
  /** Told what it took, at once, instead of together with others. */
  readonly onMeasured?: (usage: Partial<Usage>) => void;
  stop?: (reason: StopReason) => void;
}

/** What became of the working folder of an instance that died. */
export type Scratch = { freed: boolean; bytes: number; tookMs: number };

/** The instance itself could not be used: no fault of the function. */
export function failed(error: unknown): HotEnd {
  const message = error instanceof Error ? error.message : String(error);
  const cause = JSON.stringify({ errorMessage: message, errorType: 'Executor.Failed', trace: [] });
  return { status: 'FAILED', error: 'Executor.Failed', cause, usage: { wallMs: 0 } };
}
