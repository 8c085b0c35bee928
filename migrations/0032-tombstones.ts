import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A message of a topic may have no value at all, as on Kafka: it says that what its key stood for is gone. */
export class Tombstones1763700000032 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table bus_message alter column value drop not null');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
