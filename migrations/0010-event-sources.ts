import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One webhook trigger at each path of a namespace. */
export class EventSources1763700000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      create unique index trigger_webhook_path on trigger (namespace, (source->>'path')) where kind = 'webhook';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
