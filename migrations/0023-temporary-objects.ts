import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Outputs that nobody needs once their execution has ended, such as the chunks of a film. */
export class TemporaryObjects1763700000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- "execution_id" is the outermost one: what a child made is read by its parent. "kept_until" is how long a
      -- result may be served that has the object.
      create table temporary_object (
        bucket       text        not null,
        key          text        not null,
        etag         text        not null,
        execution_id uuid        not null,
        kept_until   timestamptz,
        created_at   timestamptz not null default now(),
        primary key (bucket, key)
      );
      create index temporary_object_age on temporary_object (created_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
