//! breaking: processes of the version before cannot work on this schema.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One statement writes what many executions have come to: narrow rows that change in place, and nothing looked up per row. */
export class GroupCommit1763700000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(FRAMES);
    await runner.query(HISTORY);
    await runner.query(NO_LOOKUPS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

// What changes with every step moves from the execution, which carries its whole input, to its root frame.
const FRAMES = /* sql */ `
  -- The root frame (0) is the lock of everything below an execution. Whoever changes something raises "revision",
  -- so what a process knows of an execution is true as long as the revision is the one it knows.
  alter table frame
    add column revision        integer,
    add column next_frame_id   integer,
    add column next_history_id integer;
  update frame set revision = 0, next_frame_id = execution.next_frame_id, next_history_id = execution.next_history_id
  from execution where execution.id = frame.execution_id and frame.id = 0;
  alter table execution drop column next_frame_id, drop column next_history_id;
`;

const HISTORY = /* sql */ `
  -- What a turn has written: events of consecutive ids, the last of which is "last_id". "events" is
  -- { values, events: [[frame, type, milliseconds, details, { name: position in values }]] }: what a turn passes on
  -- from state to state stands there once.
  create table history (
    execution_id uuid    not null,
    last_id      integer not null,
    events       json    not null,
    primary key (execution_id, last_id)
  );
  insert into history (execution_id, last_id, events)
  select execution_id, max(id), json_build_object('values', json_build_array(), 'events', json_agg(
           json_build_array(frame_id, type, (extract(epoch from at) * 1000)::bigint, details, json_build_object())
           order by id))
  from history_event
  group by execution_id, (id - 1) / 100;
  drop table history_event;
`;

const NO_LOOKUPS = /* sql */ `
  -- The row of an execution and all below it come in one statement: a foreign key would look the first up, and lock
  -- it, for every other. Whoever deletes an execution deletes what is below it.
  alter table frame drop constraint frame_execution_id_fkey;
  alter table timer drop constraint timer_execution_id_fkey;
  alter table task drop constraint task_execution_id_fkey;
  -- Room in a page for the next version of a row means that no index has to hear of it.
  alter table frame set (fillfactor = 60);
  alter table execution set (fillfactor = 80);
`;
