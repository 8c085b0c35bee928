//! breaking: processes of the version before cannot work on this schema.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Values that people give keep the order of their keys: jsonb sorts them, and a text that is made of a value
 * (`States.JsonToString`), or the list of its keys (`$keys`), would depend on whether it had been in the database.
 *
 * Each of these tables is rewritten once, while nothing else may use it.
 */
export class OrderOfKeys1763700000047 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      drop function stored_value(uuid, bigint);

      alter table workflow_version alter column definition type json;
      alter table execution alter column input type json, alter column output type json;
      alter table frame alter column state type json, alter column output type json;
      alter table task alter column payload type json, alter column output type json;
      alter table map_run alter column items type json, alter column spec type json;
      alter table event alter column data type json, alter column extensions type json;
      alter table dead_letter alter column payload type json;
      alter table lifecycle_event alter column event type json;
      alter table result_cache alter column output type json;
      alter table trigger alter column input type json, alter column execution_name type json;

      create function stored_value(execution uuid, place bigint) returns json language sql stable as $$
        select case place
          when 0 then (select input from execution where id = $1)
          when 1 then (select output from execution where id = $1)
          else (select events->'values'->(place % 1000)::integer
                from history where execution_id = $1 and last_id = (place / 1000)::integer)
        end
      $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
