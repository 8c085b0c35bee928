import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tasks whose work another one is doing at this moment: they wait for its result. */
export class SameWorkAtOnce1763700000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- Who does the work of a key of "result_cache". It counts for as long as that attempt holds its task: a row that a
      -- crash has left is taken over by the next one that asks.
      create table result_cache_flight (
        namespace  text        not null,
        key        text        not null,
        task_id    uuid        not null,
        attempt    integer     not null,
        begun_at   timestamptz not null default now(),
        primary key (namespace, key)
      );
      create index result_cache_flight_task on result_cache_flight (task_id);
      create index result_cache_flight_age on result_cache_flight (begun_at);

      -- Who waits for it, back in the queue. They come due by themselves should nobody wake them.
      create table result_cache_wait (
        task_id    uuid        not null primary key,
        leader_id  uuid        not null,
        begun_at   timestamptz not null default now()
      );
      create index result_cache_wait_leader on result_cache_wait (leader_id);
      create index result_cache_wait_age on result_cache_wait (begun_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
