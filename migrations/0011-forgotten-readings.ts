import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Places in topics that nobody reads on from: the bus is told to forget them, which it may refuse for a while. */
export class ForgottenReadings1763700000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      create table forgotten_reading (
        topic        text        not null,
        "group"      text        not null,
        forgotten_at timestamptz not null default now(),
        primary key (topic, "group")
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
