import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Aliases of workflows, executions that are driven again, and the runs of distributed Maps. */
export class AliasesAndMapRuns1763700000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ALIASES);
    await runner.query(EXECUTIONS);
    await runner.query(MAP_RUNS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

const ALIASES = /* sql */ `
  -- A name for one or two versions; "routes" is [{ version, weight }], the weights together 100.
  create table workflow_alias (
    workflow_id uuid        not null references workflow on delete cascade,
    name        text        not null,
    description text,
    routes      jsonb       not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    primary key (workflow_id, name)
  );
`;

const EXECUTIONS = /* sql */ `
  -- "machine" is the part of the definition that it runs: '' is the whole, a child of a map run has its processor.
  -- "rerun_of" is the execution whose state it began at.
  alter table execution
    add column alias         text,
    add column machine       text    not null default '',
    add column map_run_id    uuid,
    add column map_index     integer,
    add column map_items     integer,
    add column rerun_of      uuid,
    add column redrive_count integer not null default 0,
    add column redriven_at   timestamptz;

  -- Lists are of what people start; the children of a map run are listed with it, and number in the 100,000s.
  drop index execution_recent;
  create index execution_recent on execution (namespace, started_at desc, id desc) where map_run_id is null;
  create index execution_of_workflow on execution (namespace, workflow, started_at desc, id desc)
    where map_run_id is null;
  create index execution_of_trigger on execution (trigger_id, started_at desc, id desc) where trigger_id is not null;
  create index execution_of_parent on execution (parent_execution_id, started_at desc, id desc)
    where parent_execution_id is not null;
  -- A child begins once, however often the router that began it died.
  create unique index execution_of_map_run on execution (map_run_id, map_index) where map_run_id is not null;
`;

const MAP_RUNS = /* sql */ `
  -- One run of a distributed Map state. "spec" is the interpreter's, "items" what came with the state's input,
  -- "position" how far the items are read; "counts" are of the children that have ended. It has ended with its status;
  -- "ended_at" says that its children have, too. "run_at" is when to look at it at the latest.
  create table map_run (
    id            uuid primary key,
    namespace     text        not null,
    execution_id  uuid        not null references execution on delete cascade,
    frame_id      integer     not null,
    step          integer     not null,
    state_name    text        not null,
    status        text        not null default 'RUNNING',
    spec          jsonb       not null,
    items         jsonb,
    position      jsonb       not null,
    counts        jsonb       not null default '{}',
    redrive_count integer     not null default 0,
    error         text,
    cause         text,
    attempt       integer     not null default 0,
    run_at        timestamptz not null default now(),
    leased_until  timestamptz not null default '-infinity',
    started_at    timestamptz(3) not null default now(),
    redriven_at   timestamptz,
    ended_at      timestamptz,
    unique (execution_id, frame_id, step)
  );
  create index map_run_open on map_run (run_at) where ended_at is null;

  -- A child that has ended and is not counted yet. Its own row, so that no two children wait for each other; it
  -- references nothing, as that would lock the row of the map run.
  create table map_run_ending (
    map_run_id   uuid    not null,
    execution_id uuid    not null,
    items        integer not null,
    status       text    not null,
    primary key (map_run_id, execution_id)
  );
`;
