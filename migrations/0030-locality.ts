import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the inputs of tasks are already, and executors that are being kept free for a task. */
export class Locality1763700000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- Of the first input: 64 bits of the SHA-256 of its bucket and key. Executors say of which they have the bytes.
      alter table task add column input_key bigint;

      -- "input_cache" is how much it keeps of inputs. "reserved_for" is a task that has waited long for what only a
      -- machine with nothing else has free: others are not given what it needs.
      alter table executor
        add column input_cache  jsonb,
        add column reserved_for uuid,
        add column reserved_at  timestamptz;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
