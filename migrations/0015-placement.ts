//! breaking: processes of the version before cannot work on this schema.
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tasks that ask for more than memory and cores, claimed fairly; and how much of everything a namespace may have. */
export class Placement1763700000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXECUTORS);
    await runner.query(LANES);
    await runner.query(QUOTAS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

const EXECUTORS = /* sql */ `
  -- "abilities" is what it has found out of its machine: GPUs, codecs. "declared_labels" are those of its configuration,
  -- "labels" has the codecs too. One that is draining takes no more; one that has left said so.
  alter table executor
    add column abilities       jsonb not null default '{}',
    add column declared_labels text[] not null default '{}',
    add column draining_at     timestamptz,
    add column left_at         timestamptz;
  update executor set declared_labels = labels;
`;

const LANES = /* sql */ `
  -- "needs" is what a task asks for beside labels, memory and cores; most have none. "is_preferred" says that what it
  -- would rather have was found for it.
  alter table task
    add column needs        jsonb,
    add column is_preferred boolean not null default false;

  -- Tasks of the same lane are of the same function and ask for the same, so one look at the oldest tells whether any
  -- of them fits. A claim looks at lanes, and never at more than it takes of the tasks behind the first.
  alter table task add column queue_lane bigint generated always as (
    case when kind = 'function' then
      hashint4extended(priority, hashint4extended(memory_mb, hashfloat4extended(vcpu,
        jsonb_hash_extended(coalesce(needs, 'null'::jsonb), hashtextextended(resource,
          uuid_hash_extended(coalesce(function_version_id, '00000000-0000-0000-0000-000000000000'),
            -- Innermost: the hash of an empty array does not depend on its seed.
            hash_array_extended(labels, 0)))))))
    end) stored;
  drop index task_due;
  create index task_lane on task (namespace, queue_lane, run_at) where kind = 'function' and status in ('QUEUED', 'RUNNING');
  create index task_due on task (kind, priority desc, run_at) where kind <> 'function' and status in ('QUEUED', 'RUNNING');
`;

const QUOTAS = /* sql */ `
  -- What the functions of a namespace may have at the same time; null is as much as there is.
  create table quota (
    namespace   text primary key references namespace,
    max_running integer,
    max_queued  integer,
    changed_at  timestamptz not null default now()
  );
`;
