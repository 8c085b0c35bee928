import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import type { EventInvokeConfig } from './event-invoke-config.js';

@Injectable()
export class EventInvokeConfigRepository {
  constructor(private readonly database: Database) {}

  /** Of the function that this is a version of. */
  async find(namespace: string, versionId: string): Promise<EventInvokeConfig | undefined> {
    const [row] = await this.database.query<{ config: EventInvokeConfig }>(sql`
      select c.config
      from event_invoke_config c join function_version v on v.function_id = c.function_id
      where c.namespace = ${namespace} and v.id = ${versionId}`);
    return row?.config;
  }

  async save(namespace: string, versionId: string, config: EventInvokeConfig): Promise<void> {
    await this.database.query(sql`
      insert into event_invoke_config (namespace, function_id, config)
      select ${namespace}, function_id, ${JSON.stringify(config)}::jsonb from function_version where id = ${versionId}
      on conflict (namespace, function_id) do update set config = excluded.config, updated_at = now()`);
  }

  async delete(namespace: string, versionId: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      delete from event_invoke_config c using function_version v
      where v.id = ${versionId} and v.function_id = c.function_id and c.namespace = ${namespace}
      returning 1`);
    return rows.length > 0;
  }

  /** Whether the namespace has, or is lent, such a function or workflow. */
  async hasTarget(namespace: string, kind: 'function' | 'workflow', name: string): Promise<boolean> {
    const homes = [namespace, SYSTEM_NAMESPACE];
    const rows =
      kind === 'function'
        ? await this.database.query(sql`select from function where name = ${name} and namespace = any(${homes})`)
        : await this.database.query(sql`select from workflow where name = ${name} and namespace = any(${homes})`);
    return rows.length > 0;
  }
}
