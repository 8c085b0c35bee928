import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What events and dead letters carry goes to the object store, too, where it is large. */
export class LargeEvents1763700000027 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- As in the other tables: { name of a value: { key, bytes } }. "holder" stands for the event in payload_use, as it
      -- has no id that is a uuid; only those with a large value have one.
      alter table event add column refs jsonb, add column holder uuid;
      create unique index event_holder on event (holder) where holder is not null;

      -- { where in the payload: { key, bytes } }.
      alter table dead_letter add column refs jsonb;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
