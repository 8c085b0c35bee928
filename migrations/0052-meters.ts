import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Usage counts events and results, and runs of functions outside of executions tell of themselves. */
export class Meters1763700000052 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- As JSON. "bytes_in" and "bytes_out" are those of files.
      alter table usage_day
        add column event_bytes  double precision not null default 0,
        add column result_bytes double precision not null default 0;
      alter table usage_entry
        add column event_bytes  double precision not null default 0,
        add column result_bytes double precision not null default 0;

      -- Of which functions invocations are told; null for all of them, if "types" has any of theirs.
      alter table subscription add column functions text[];
      comment on column lifecycle_event.execution_id is 'What is told of: an execution, or an invocation outside of any';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
