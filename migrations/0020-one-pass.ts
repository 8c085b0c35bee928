import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Turns are written in one pass, which asks what must still be so of the rows it changes; lists by status have an index. */
export class OnePass1763700000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- Ends the statement that writes turns, so that nothing of it stays, when something has changed since it was read.
      create function turns_are_stale() returns boolean language plpgsql as $$
      begin
        raise exception 'Something has changed since it was read' using errcode = 'SP001';
      end $$;

      -- Lists by status. An index of the status itself would have every ending write to all indexes of the row: what did
      -- not succeed has a column of its own, which a success leaves alone, and what runs is found by its root frame.
      alter table execution add column unsuccessful text
        generated always as (case when status in ('FAILED', 'TIMED_OUT', 'ABORTED') then status end) stored;
      create index execution_of_status on execution (namespace, unsuccessful, started_at desc, id desc)
        where unsuccessful is not null and map_run_id is null;
      create index frame_running on frame (execution_id) where id = 0 and status = 'RUNNING';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
