//! breaking: processes of the version before cannot work on this schema.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The input and output of an execution stand in its history, so that its row is small, and its ending writes little. */
export class ValuesInTheHistory1763700000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table execution add column input_place bigint, add column output_place bigint;
      alter table execution alter column input drop not null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
