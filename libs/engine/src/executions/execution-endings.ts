import { Injectable } from '@nestjs/common';
import type { Execution, ExecutionEnding } from './execution.js';

export interface EndedExecution {
  readonly execution: Execution;
  readonly ending: ExecutionEnding;
}

/** Somebody who must know of the end of some executions in the transaction that ends them. */
export interface EndingListener {
  isConcerned(execution: Execution): boolean;
  /** All that end in this transaction and concern the listener. SQL only. */
  ended(executions: readonly EndedExecution[]): Promise<void>;
  /** Whether the listener wants to know of its beginning, too; then that is told by `begun`. */
  isConcernedAtStart?(execution: Execution): boolean;
  begun?(executions: readonly Execution[]): Promise<void>;
}

@Injectable()
export class ExecutionEndings {
  private readonly listeners: EndingListener[] = [];

  add(listener: EndingListener): void {
    this.listeners.push(listener);
  }

  isAwaited(execution: Execution): boolean {
    return this.listeners.some((listener) => listener.isConcerned(execution));
  }

  isAwaitedAtStart(execution: Execution): boolean {
    return this.listeners.some((listener) => listener.isConcernedAtStart?.(execution));
  }

  async tellBegun(begun: readonly Execution[]): Promise<void> {
    for (const listener of this.listeners) {
      const concerned = begun.filter((execution) => listener.isConcernedAtStart?.(execution));
      if (concerned.length > 0) await listener.begun?.(concerned);
    }
  }

  async tell(ended: readonly EndedExecution[]): Promise<void> {
    for (const listener of this.listeners) {
      const concerned = ended.filter(({ execution }) => listener.isConcerned(execution));
      if (concerned.length > 0) await listener.ended(concerned);
    }
  }
}
