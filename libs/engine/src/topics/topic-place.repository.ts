import { Database, sql } from '@app/common';
import type { Position } from '@app/event-bus';
import { Injectable } from '@nestjs/common';

/** Where a trigger is to read on: an end of the topic, a time as in RFC 3339, or offsets of partitions. */
export type ResetTo = string | readonly Position[];

export interface TopicPlace {
  readonly triggerId: string;
  /** Raised by each reset. */
  readonly generation: number;
  /** A place that the trigger is still to be put to. */
  readonly resetTo: ResetTo | undefined;
}

type PlaceRow = Omit<TopicPlace, 'resetTo'> & { readonly resetTo: ResetTo | null };

@Injectable()
export class TopicPlaceRepository {
  constructor(private readonly database: Database) {}

  /** Of those that were ever reset. */
  async list(): Promise<TopicPlace[]> {
    const rows = await this.database.query<PlaceRow & Record<string, unknown>>(sql`
      select trigger_id as "triggerId", generation, reset_to as "resetTo" from topic_place`);
    return rows.map(({ resetTo, ...place }) => ({ ...place, resetTo: resetTo ?? undefined }));
  }

  async find(triggerId: string): Promise<TopicPlace> {
    const [row] = await this.database.query<PlaceRow & Record<string, unknown>>(sql`
      select trigger_id as "triggerId", generation, reset_to as "resetTo" from topic_place
      where trigger_id = ${triggerId}`);
    return row ? { ...row, resetTo: row.resetTo ?? undefined } : { triggerId, generation: 0, resetTo: undefined };
  }

  /** The generation, if the trigger is there and on; nobody resets it before the transaction has ended. */
  async hold(triggerId: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ enabled: boolean }>(sql`
      select enabled from trigger where id = ${triggerId} for key share`);
    return row?.enabled ? (await this.find(triggerId)).generation : undefined;
  }

  /** Waits for all who hold the trigger. */
  async lock(triggerId: string): Promise<void> {
    await this.database.query(sql`select from trigger where id = ${triggerId} for update`);
  }

  async saveReset(triggerId: string, to: ResetTo): Promise<void> {
    await this.database.query(sql`
      insert into topic_place (trigger_id, generation, reset_to)
      values (${triggerId}, 1, ${JSON.stringify(to)}::jsonb)
      on conflict (trigger_id) do update
      set generation = topic_place.generation + 1, reset_to = excluded.reset_to, reset_at = now()`);
  }

  /** For one router at a time, which has so many seconds to put the trigger there. */
  async claimReset(triggerId: string, leaseSeconds: number): Promise<TopicPlace | undefined> {
    const [row] = await this.database.query<TopicPlace & Record<string, unknown>>(sql`
      update topic_place set reset_at = now() + make_interval(secs => ${leaseSeconds})
      where trigger_id = ${triggerId} and reset_to is not null and reset_at <= now()
      returning trigger_id as "triggerId", generation, reset_to as "resetTo"`);
    return row;
  }

  async releaseReset(triggerId: string): Promise<void> {
    await this.database.query(sql`update topic_place set reset_at = now() where trigger_id = ${triggerId}`);
  }

  async finishReset({ triggerId, generation }: TopicPlace): Promise<void> {
    await this.database.query(sql`
      update topic_place set reset_to = null where trigger_id = ${triggerId} and generation = ${generation}`);
  }
}
