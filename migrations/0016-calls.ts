import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls past the queue, and what is to become of asynchronous ones. */
export class Calls1763700000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- "fast": it went past the queue, and was stored when it had ended or took long. Null: through the queue.
      alter table task add column lane text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
