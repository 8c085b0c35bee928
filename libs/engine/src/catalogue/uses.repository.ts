import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** Who needs a function or a workflow: what keeps it from being deleted. */
@Injectable()
export class UsesRepository {
  constructor(private readonly database: Database) {}

  /** Names of the triggers that start it. */
  async listTriggers(namespace: string, kind: 'function' | 'workflow', name: string): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>(sql`
      select name from trigger
      where namespace = ${namespace} and split_part(target->>${kind}, ':', 1) = ${name}
      order by name`);
    return rows.map((trigger) => trigger.name);
  }

  /** Names of the triggers that start exactly `NAME:QUALIFIER`. */
  async listTriggersOfQualifier(namespace: string, workflow: string): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>(sql`
      select name from trigger where namespace = ${namespace} and target->>'workflow' = ${workflow} order by name`);
    return rows.map((trigger) => trigger.name);
  }

  /** One execution that still runs on the workflow: looked for among those that run, not among all that ever did. */
  async findExecution(namespace: string, workflow: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ id: string }>(sql`
      with running as materialized (select execution_id from frame where id = 0 and status = 'RUNNING')
      select execution.id from running join execution on execution.id = running.execution_id
      where namespace = ${namespace} and workflow = ${workflow} limit 1`);
    return row?.id;
  }
}
