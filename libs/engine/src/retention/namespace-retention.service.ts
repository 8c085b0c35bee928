import { Injectable } from '@nestjs/common';
import { EndedWorkRepository } from './ended-work.repository.js';
import { OldVersionsService } from './old-versions.service.js';
import type { RetentionPolicy } from './retention-policy.js';
import { RetentionPolicyRepository } from './retention-policy.repository.js';
import { RetentionRepository } from './retention.repository.js';

/** Rows in one statement. Executions have many below them. */
const BATCH = 1_000;
const EXECUTIONS = 100;
const DAY_MS = 86_400_000;

/** Removes what each namespace does not want to keep any longer. */
@Injectable()
export class NamespaceRetentionService {
  /** By namespace: lines of what ended before are gone, so that tasks without any are not looked at for ever. */
  private readonly logsGoneUpTo = new Map<string, Date>();

  constructor(
    private readonly policies: RetentionPolicyRepository,
    private readonly records: RetentionRepository,
    private readonly work: EndedWorkRepository,
    private readonly versions: OldVersionsService,
  ) {}

  async runAll(): Promise<void> {
    for (const { namespace, policy } of await this.policies.list()) await this.run(namespace, policy);
  }

  async run(namespace: string, policy: RetentionPolicy): Promise<void> {
    const { events, executions, invocations, logs, deadLetters, objects } = policy;
    if (logs !== null) await this.deleteLogs(namespace, logs);
    await all(executions, EXECUTIONS, (days) => this.work.deleteExecutions(namespace, days, EXECUTIONS));
    await all(invocations, BATCH, (days) => this.work.deleteInvocations(namespace, days, BATCH));
    await all(events, BATCH, (days) => this.records.deleteEvents(namespace, days, BATCH));
    await all(deadLetters, BATCH, (days) => this.records.deleteDeadLetters(namespace, days, BATCH));
    if (objects !== null) await this.versions.forget(namespace, objects);
  }

  private async deleteLogs(namespace: string, days: number): Promise<void> {
    const from = this.logsGoneUpTo.get(namespace) ?? new Date(0);
    const to = new Date(Date.now() - days * DAY_MS);
    await all(days, BATCH, () => this.work.deleteLogs(namespace, [from, to], BATCH));
    // A policy that was made shorter begins where the longer one ended; one that was made longer looks at nothing.
    if (to > from) this.logsGoneUpTo.set(namespace, to);
  }
}

/** Some at a time, until there are no more. */
async function all(days: number | null, batch: number, remove: (days: number) => Promise<number>): Promise<void> {
  if (days !== null) while ((await remove(days)) === batch);
}
