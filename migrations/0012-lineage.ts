import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where objects come from that we wrote ourselves, so that a trigger that feeds itself is found out. */
export class Lineage1763700000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- "hops" counts the events that led to the object, one from another; "path" names what each of them started.
      create table object_origin (
        bucket     text        not null,
        key        text        not null,
        hops       integer     not null,
        path       text        not null,
        written_at timestamptz not null default now(),
        primary key (bucket, key)
      );
      create index object_origin_age on object_origin (written_at);
      create index event_start_function on event_start (target_id) where target_kind = 'function';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
