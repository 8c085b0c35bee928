import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What executors say of themselves, what functions have used, and where the lines of what has ended are kept. */
export class InstancesAndUsage1763700000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXECUTORS);
    await runner.query(USAGE);
    await runner.query(LOGS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

const EXECUTORS = /* sql */ `
  -- As of "seen_at", by its own account: what is free, and the processes of functions that it has, warm ones included.
  alter table executor
    add column free      jsonb,
    add column instances jsonb not null default '[]';
`;

const USAGE = /* sql */ `
  -- What the functions of a namespace have used, by the day (UTC) on which a run ended. Written by the roll-up only,
  -- one at a time: no end of a task waits for a row here. Megabyte-milliseconds are reserved memory times wall time.
  create table usage_day (
    namespace       text   not null,
    day             date   not null,
    function        text   not null,
    invocations     bigint not null default 0,
    failures        bigint not null default 0,
    wall_ms         double precision not null default 0,
    cpu_ms          double precision not null default 0,
    gpu_ms          double precision not null default 0,
    reserved_mb_ms  double precision not null default 0,
    used_mb_ms      double precision not null default 0,
    bytes_in        double precision not null default 0,
    bytes_out       double precision not null default 0,
    primary key (namespace, day, function)
  );

  -- What is not in the table "task" and counts all the same; the roll-up takes it away as it adds it.
  create table usage_entry (
    id              bigint generated always as identity primary key,
    namespace       text   not null,
    function        text   not null,
    ended_at        timestamptz not null,
    failed          boolean not null,
    wall_ms         double precision not null,
    cpu_ms          double precision not null default 0,
    gpu_ms          double precision not null default 0,
    memory_mb       integer not null,
    used_mb         double precision not null default 0,
    bytes_in        double precision not null default 0,
    bytes_out       double precision not null default 0
  );

  -- One row: every task that ended before is in "usage_day".
  create table usage_mark (
    rolled_up_to timestamptz not null
  );
  create unique index usage_mark_is_one on usage_mark ((true));
  insert into usage_mark values ('-infinity');

  create index task_ended on task (ended_at) where kind = 'function' and ended_at is not null;
`;

const LOGS = /* sql */ `
  -- The lines of a task that has ended, moved from "task_log" into the object store: all up to "last_id".
  create table task_log_archive (
    task_id     uuid primary key,
    last_id     bigint      not null,
    lines       integer     not null,
    bytes       integer     not null,
    key         text        not null,
    archived_at timestamptz not null default now()
  );
  create index task_log_archive_old on task_log_archive (archived_at);
`;
