import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Configurations of functions, with the schemas in them, and event patterns are shown as they were written, too. */
export class OrderOfConfiguration1763700000048 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table function_version alter column config type json;
      alter table trigger alter column pattern type json;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
