import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a caller says about itself, for the context of the function. */
export class ClientContext1763700000029 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- JSON, as a text: it is passed on and never looked into.
      alter table task add column client_context text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
