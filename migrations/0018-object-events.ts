import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Objects that must settle first, inputs and names that JSONata makes, and how long each namespace keeps what. */
export class ObjectEvents1763700000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- Of a delivery that waits for an object to settle, "key" is what shows that it has: the object's own key, or
      -- that of its marker.
      create index delivery_settling on delivery (namespace, source, key) where purpose = 'settle';
      -- Whether an event still waits to start something, and how many of a bucket do.
      create index delivery_of_event on delivery (namespace, source, event_id);

      -- How "input" and "execution_name" are written: JSONPath when null. "execution_name" makes the execution's name.
      alter table trigger
        add column query_language text,
        add column execution_name jsonb;

      -- Something may have happened behind the place where the sweep is now: it begins anew when it has ended.
      alter table bucket_sweep add column again boolean not null default false;

      -- How many days a namespace keeps what; what is not named there, as long as the default says.
      create table retention_policy (
        namespace  text primary key references namespace,
        days       jsonb       not null,
        updated_at timestamptz not null default now()
      );
      -- When an old version was last found to be still in its bucket.
      alter table object_ledger add column checked_at timestamptz;
      create index object_ledger_unchecked on object_ledger (namespace, (coalesce(checked_at, seen_at)));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
