import { toFailure } from '@app/sandbox';
import type { TaskRef, TaskResult } from '@app/worker-api';

const MAX_BATCH = 100;
const MAX_BATCH_CHARS = 2 * 1024 * 1024;

interface Waiting {
  readonly result: TaskResult;
  readonly size: number;
  readonly isSubstitute: boolean;
}

/**
 * Results that the gateway has not answered for yet. They stay here until it has, so a request that breaks off
 * loses none; one that it had taken already it recognises by task and attempt.
 */
export class Outbox {
  private waiting: Waiting[] = [];
  private isCareful = false;

  get size(): number {
    return this.waiting.length;
  }

  get refs(): TaskRef[] {
    return this.waiting.map(({ result: { id, attempt } }) => ({ id, attempt }));
  }

  add(result: TaskResult): void {
    this.waiting.push({ result, size: JSON.stringify(result).length, isSubstitute: false });
  }

  /** What to send next. After a failure one at a time, so that one bad result does not hold up the others. */
  next(): TaskResult[] {
    const batch: TaskResult[] = [];
    let chars = 0;
    for (const { result, size } of this.waiting) {
      chars += size;
      if (batch.length > 0 && (this.isCareful || chars > MAX_BATCH_CHARS || batch.length === MAX_BATCH)) break;
      batch.push(result);
    }
    return batch;
  }

  delivered(batch: readonly TaskResult[]): void {
    this.waiting = this.waiting.filter(({ result }) => !batch.includes(result));
    this.isCareful &&= this.waiting.length > 0;
  }

  /** It did not arrive, as far as we know: the next in line goes first. */
  failed(batch: readonly TaskResult[]): void {
    if (batch.length === 0) return;
    this.isCareful = true;
    const isOf = ({ result }: Waiting) => batch.includes(result);
    this.waiting = [...this.waiting.filter((entry) => !isOf(entry)), ...this.waiting.filter(isOf)];
  }

  /**
   * It arrived and is not acceptable. Alone, it is replaced by a failure that says so: a result is never just
   * dropped, or its workflow would wait for ever. A substitute that is refused as well is given up.
   */
  refused(batch: readonly TaskResult[], why: string): void {
    const [only] = batch;
    if (!only || batch.length > 1) return this.failed(batch);
    const { id, attempt, usage } = only;
    const failure = toFailure('Function.InvalidResponse', { errorMessage: `The result was refused: ${why}` });
    const substitute: TaskResult = { id, attempt, status: 'FAILED', ...failure, usage };
    this.waiting = this.waiting.flatMap((entry) => {
      if (entry.result !== only) return [entry];
      return entry.isSubstitute ? [] : [{ result: substitute, size: failure.cause.length, isSubstitute: true }];
    });
  }
}
