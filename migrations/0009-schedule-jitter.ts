import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ticks that are spread: the planned time of a tick is "next_fire_at" less "jitter_ms". */
export class ScheduleJitter1763700000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table schedule add column jitter_ms integer not null default 0;
      create index schedule_buffered on schedule (buffered_at) where buffered_at is not null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
