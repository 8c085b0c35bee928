import { type Execution, TriggersService } from '@app/engine';
import { Injectable } from '@nestjs/common';
import { type ExecutionView, toExecutionView } from './executions.dto.js';

/** What callers see of executions, with their triggers by name. */
@Injectable()
export class ExecutionViews {
  constructor(private readonly triggers: TriggersService) {}

  async of(execution: Execution): Promise<ExecutionView> {
    return toExecutionView(execution, await this.namesFor([execution]));
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
