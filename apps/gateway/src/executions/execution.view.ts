import { type Execution, ProgressService, TriggersService } from '@app/engine';
import { Injectable } from '@nestjs/common';
import { type ExecutionView, toExecutionView } from './executions.dto.js';

/** What callers see of executions, with their triggers by name. */
@Injectable()
export class ExecutionViews {
  constructor(
    private readonly triggers: TriggersService,
    private readonly progress: ProgressService,
  ) {}

  async of(execution: Execution): Promise<ExecutionView> {
    const [names, progress] = await Promise.all([this.namesFor([execution]), this.progress.of(execution)]);
    return { ...toExecutionView(execution, names), ...(progress && { progress }) };
  }

  async all(executions: readonly Execution[]): Promise<ExecutionView[]> {
    const names = await this.namesFor(executions);
    return executions.map((execution) => toExecutionView(execution, names));
  }

  private namesFor(executions: readonly Execution[]): Promise<Map<string, string>> {
    const ids = executions.flatMap(({ startedBy }) => (startedBy ? [startedBy.triggerId] : []));
    return this.triggers.listNames([...new Set(ids)]);
  }
}
