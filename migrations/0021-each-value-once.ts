//! breaking: processes of the version before cannot work on this schema.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A value that goes from state to state stands in one row below its execution, and the others say where. */
export class EachValueOnce1763700000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- A place is 0 for the execution's input, 1 for its output, or last_id * 1000 + n for value n of that row of its
      -- history. Null: the value is in the row itself.
      alter table frame add column input_place bigint, add column output_place bigint;
      alter table task add column payload_place bigint, add column output_place bigint;
      alter table task alter column payload drop not null;

      create function stored_value(execution uuid, place bigint) returns jsonb language sql stable as $$
        select case place
          when 0 then (select input from execution where id = $1)
          when 1 then (select output from execution where id = $1)
          else (select (events->'values'->(place % 1000)::integer)::jsonb
                from history where execution_id = $1 and last_id = (place / 1000)::integer)
        end
      $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
