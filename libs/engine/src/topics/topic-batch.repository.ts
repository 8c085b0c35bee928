import { Database, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { EventStart } from '../events/event.repository.js';

export interface NewBatch extends Omit<EventStart, 'trigger'> {
  readonly id: string;
  readonly triggerId: string;
  readonly namespace: string;
}

/** A batch whose target is over, with how that ended. */
export interface EndedBatch extends Omit<EventStart, 'trigger'> {
  readonly id: string;
  readonly namespace: string;
  readonly triggerName: string;
  /** Null: there is no record of the target any more. */
  readonly status: string | null;
  readonly output: Json;
  /** Whether the output is so large that it is not here. */
  readonly isElsewhere: boolean;
  readonly error: string | null;
  readonly cause: string | null;
}

@Injectable()
export class TopicBatchRepository {
  constructor(private readonly database: Database) {}

  async insert({ id, triggerId, namespace, targetKind, targetId }: NewBatch): Promise<void> {
    await this.database.query(sql`
      insert into topic_batch (id, trigger_id, namespace, target_kind, target_id)
      values (${id}, ${triggerId}, ${namespace}, ${targetKind}, ${targetId})`);
  }

  async count(triggerId: string): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::integer as count from topic_batch where trigger_id = ${triggerId}`);
    return row?.count ?? 0;
  }

  /** One that has ended, held until the transaction ends. */
  async lockEnded(): Promise<EndedBatch | undefined> {
    const [row] = await this.database.query<EndedBatch & Record<string, unknown>>(sql`
      select b.id, b.namespace, trigger.name as "triggerName", b.target_kind as "targetKind", b.target_id as "targetId",
             coalesce(e.status, t.status) as status, coalesce(e.output, stored_value(e.id, e.output_place), t.output) as output,
             coalesce(coalesce(e.refs, t.refs) ? 'output', false) as "isElsewhere",
             coalesce(e.error, t.error) as error, coalesce(e.cause, t.cause) as cause
      from topic_batch b
      join trigger on trigger.id = b.trigger_id
      left join execution e on b.target_kind = 'workflow' and e.id = b.target_id
      left join task t on b.target_kind = 'function' and t.id = b.target_id
      where coalesce(e.status, t.status, '') not in ('RUNNING', 'QUEUED', 'PUBLISHING')
      limit 1 for update of b skip locked`);
    return row;
  }

  async delete(id: string): Promise<void> {
    await this.database.query(sql`delete from topic_batch where id = ${id}`);
  }
}
