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

  async tell(ended: readonly EndedExecution[]): Promise<void> {
    for (const listener of this.listeners) {
      const concerned = ended.filter(({ execution }) => listener.isConcerned(execution));
      if (concerned.length > 0) await listener.ended(concerned);
    }
  }
}
