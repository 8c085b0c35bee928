import { InvalidRequest } from '@app/common';
import type { Json, JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdvanceService } from '../executions/advance.service.js';
import { type Execution, NEW_EXECUTION } from '../executions/execution.js';
import type { StoredHistoryEvent } from '../executions/history.repository.js';
import { ExecutionAlreadyExists } from '../executions/executions.errors.js';
import { ExecutionsService } from '../executions/executions.service.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { ExecutionStillRuns } from './redrive.errors.js';
import { lastEntry } from './last-entry.js';

const PAGE = 1_000;

export interface Rerun {
  /** A state of the whole workflow, not of a branch or an iteration. */
  readonly from: string;
  /** What the state had, if not given. */
  readonly input?: Json;
  readonly variables?: JsonObject;
  readonly name?: string;
}

/** Starts executions that begin in the middle of one that has ended. */
@Injectable()
export class RerunService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly advance: AdvanceService,
    private readonly workflows: WorkflowsService,
    private readonly payloads: PayloadsService,
  ) {}

  async rerun(namespace: string, id: string, { from, input, variables, name }: Rerun): Promise<Execution> {
    const before = await this.executions.get(namespace, id);
    if (before.status === 'RUNNING') throw new ExecutionStillRuns(id);
    const { definition } = await this.workflows.getVersion(before.workflowVersionId);
    if (before.machine !== '') throw invalid('', 'is not possible for a child of a map run: redrive its parent');
    if (!Object.hasOwn(definition.States, from))
      throw invalid('/from', `there is no state ${from} at the top of version ${before.version}`);
    const isGiven = input !== undefined && variables !== undefined;
    const had = isGiven ? undefined : await this.lastEntry(namespace, id, from);
    if (input === undefined && !had)
      throw invalid('/input', `is required, as the execution ${id} never came to the state ${from}`);
    const begin = { stateName: from, input: input ?? had?.input ?? null, variables: variables ?? had?.variables ?? {} };
    const newId = uuid();
    const { workflow, workflowVersionId, version, alias, input: original } = before;
    const execution = {
      ...NEW_EXECUTION,
      id: newId,
      namespace,
      workflow,
      workflowVersionId,
      version,
      alias,
      input: original,
      name: name ?? newId,
      rerunOf: id,
      startedAt: new Date(),
    };
    const isNew = await this.advance.beginAt(begin, execution, definition.TimeoutSeconds);
    if (!isNew) throw new ExecutionAlreadyExists(await this.executions.getByName(execution));
    return this.executions.get(namespace, newId);
  }

  private lastEntry(namespace: string, id: string, stateName: string): ReturnType<typeof lastEntry> {
    return lastEntry(this.history(namespace, id), stateName, (ref) => this.payloads.load(ref, namespace));
  }

  private async *history(namespace: string, id: string): AsyncGenerator<StoredHistoryEvent> {
    let after = 0;
    for (;;) {
      const page = await this.executions.listHistory(namespace, id, after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      after = last.id;
    }
  }
}

const invalid = (pointer: string, message: string) => new InvalidRequest([{ pointer, message }]);
