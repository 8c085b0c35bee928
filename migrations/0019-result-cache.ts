import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Results of functions that declare themselves deterministic, so that the same work is done once. */
export class ResultCache1763700000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- Programs of an executor that results depend on, with their builds: { "ffmpeg": "5.1.9 1f3c…" }.
      alter table executor add column tools jsonb not null default '{}';
      -- It runs, whatever is known of its result.
      alter table task add column skip_cache boolean not null default false;

      -- What a function gave for these inputs, parameters and tools; "key" is their digest. In "output" stands a
      -- placeholder for whatever names an input or output of the invocation.
      create table result_cache (
        namespace    text        not null,
        key          text        not null,
        function     text        not null,
        task_id      uuid        not null,
        execution_id uuid,
        output       jsonb       not null,
        cpu_ms       integer     not null,
        created_at   timestamptz not null default now(),
        used_at      timestamptz not null default now(),
        hits         integer     not null default 0,
        primary key (namespace, key)
      );
      create index result_cache_age on result_cache (used_at);

      -- The outputs of that run, where they were published. They are the caller's: one that was overwritten or
      -- deleted since makes the entry worthless.
      create table result_cache_object (
        namespace  text not null,
        cache_key  text not null,
        name       text not null,
        bucket     text not null,
        key        text not null,
        etag       text not null,
        primary key (namespace, cache_key, name),
        foreign key (namespace, cache_key) references result_cache on delete cascade
      );
      create index result_cache_object_place on result_cache_object (bucket, key);

      -- An attempt that is under way: under which key its result will be kept, what
      -- objects it names, and its inputs as they were seen.
      create table result_cache_claim (
        task_id    uuid        not null,
        attempt    integer     not null,
        key        text        not null,
        refs       jsonb       not null,
        inputs     jsonb       not null,
        claimed_at timestamptz not null default now(),
        primary key (task_id, attempt)
      );
      create index result_cache_claim_age on result_cache_claim (claimed_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
