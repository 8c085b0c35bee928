import { Injectable } from '@nestjs/common';
import { LogsService } from '../logs/logs.service.js';
import { EndedWorkRepository } from './ended-work.repository.js';
import { OldVersionsService } from './old-versions.service.js';
import type { RetentionPolicy } from './retention-policy.js';
import { RetentionPolicyRepository } from './retention-policy.repository.js';
import { RetentionRepository } from './retention.repository.js';

/** Rows in one statement. Executions have many below them. */
const BATCH = 1_000;
const EXECUTIONS = 100;

/** Removes what each namespace does not want to keep any longer. */
@Injectable()
export class NamespaceRetentionService {
  constructor(
    private readonly policies: RetentionPolicyRepository,
    private readonly records: RetentionRepository,
    private readonly work: EndedWorkRepository,
    private readonly versions: OldVersionsService,
    private readonly logs: LogsService,
  ) {}

  async runAll(): Promise<void> {
    for (const { namespace, policy } of await this.policies.list()) await this.run(namespace, policy);
  }

  async run(namespace: string, policy: RetentionPolicy): Promise<void> {
    const { events, executions, invocations, logs, deadLetters, objects } = policy;
    await all(logs, BATCH, (days) => this.logs.removeOld(namespace, days, BATCH));
    await all(executions, EXECUTIONS, (days) => this.work.deleteExecutions(namespace, days, EXECUTIONS));
    await all(invocations, BATCH, (days) => this.work.deleteInvocations(namespace, days, BATCH));
    await all(events, BATCH, (days) => this.records.deleteEvents(namespace, days, BATCH));
    await all(deadLetters, BATCH, (days) => this.records.deleteDeadLetters(namespace, days, BATCH));
    if (objects !== null) await this.versions.forget(namespace, objects);
  }
}

/** Some at a time, until there are no more. */
async function all(days: number | null, batch: number, remove: (days: number) => Promise<number>): Promise<void> {
  if (days !== null) while ((await remove(days)) === batch);
}
