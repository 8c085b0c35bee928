//! breaking: processes of the version before cannot work on this schema.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Two columns that the database derived from others of their rows are given by who writes the rows. */
export class PlainColumns1763700000049 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- The expression of a generated column is kept as text, and parsed and planned again by every statement that writes to
      -- its table: a twelfth of Postgres' time for a step of a workflow. That of a statement is planned once.
      alter table task alter column queue_lane drop expression;
      alter table execution alter column unsuccessful drop expression;

      -- The lane of a function's task (0015): tasks of a lane are of the same function and ask for the same. Of SQL, so that
      -- it becomes a part of the statement that calls it.
      create function lane_of(resource text, function_version_id uuid, labels text[], memory_mb integer, vcpu real, needs jsonb)
      returns bigint language sql immutable parallel safe as $$
        select hashint4extended(0, hashint4extended(memory_mb, hashfloat4extended(vcpu,
          jsonb_hash_extended(coalesce(needs, 'null'::jsonb), hashtextextended(resource,
            uuid_hash_extended(coalesce(function_version_id, '00000000-0000-0000-0000-000000000000'),
              hash_array_extended(labels, 0)))))))
      $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
