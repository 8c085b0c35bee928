import { Batches, Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Execution } from './execution.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionNotFound } from './executions.errors.js';
import { KnownExecutions } from './known-executions.js';

/** A hint may be lost. */
const RECHECK_MS = 1_000;
/** An execution that this process has moved so lately is taken to run still, and looked at soon. */
const FRESH_MS = 20;
const SOON_MS = 100;

/** Looks that are under way at the same time, and executions in one. */
const LANES = 2;
const LARGEST_LOOK = 250;

/** Waits for executions to end, with no look into the database for those that are short and begin and end here. */
@Injectable()
export class WaitsService {
  /** Many wait at the same time, and hear of the ends of a batch together: one look is for all of them. */
  private readonly looks = new Batches<string, Execution | undefined>({
    lanes: LANES,
    limit: LARGEST_LOOK,
    keyOf: (id) => id,
    run: async (ids) => {
      const found = new Map((await this.executions.listByIds([...new Set(ids)])).map((one) => [one.id, one]));
      return ids.map((id) => found.get(id));
    },
  });

  constructor(
    private readonly executions: ExecutionRepository,
    private readonly known: KnownExecutions,
    private readonly wakeups: Wakeups,
  ) {}

  /** The execution as it is when it has ended, or after `waitMs`; large values may be left out. */
  async wait(namespace: string, id: string, waitMs: number, signal?: AbortSignal): Promise<Execution> {
    const deadline = Date.now() + waitMs;
    let known = this.known.look(id, FRESH_MS);
    for (;;) {
      const longestMs = known ? SOON_MS : RECHECK_MS;
      const restMs = Math.max(0, Math.min(longestMs, deadline - Date.now()));
      const hint = this.wakeups.wait(`ended:${id}`, restMs, signal);
      const execution = known?.namespace === namespace && restMs > 0 ? known : await this.find(namespace, id);
      if (execution.status !== 'RUNNING' || restMs === 0 || signal?.aborted) return execution;
      await hint;
      const last = this.known.look(id, FRESH_MS);
      known = last?.status === 'RUNNING' ? undefined : last;
    }
  }

  private async find(namespace: string, id: string): Promise<Execution> {
    const found = await this.looks.add(id);
    return found?.namespace === namespace ? found : ExecutionNotFound.raise(id);
  }
}
