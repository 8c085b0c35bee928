import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Task states that wait for somebody outside: holders of a token, workers of an activity, other executions. */
export class OutsideWork1763700000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- A queue that workers outside of Spool poll for tasks of the kind "activity".
      create table activity (
        namespace  text        not null references namespace,
        name       text        not null,
        created_at timestamptz not null default now(),
        primary key (namespace, name)
      );

      -- "token_hash" is the SHA-256, in hex, of the token that may answer for the task; the token itself is not kept
      -- here. A task may end long before its token is used: that is what .waitForTaskToken means.
      -- "heartbeat_at" is the last sign of life; the timer looks at it when it fires, so that a heartbeat is one write.
      alter table task
        add column token_hash        text,
        add column heartbeat_seconds real,
        add column heartbeat_at      timestamptz,
        add column worker_name       text;
      create unique index task_token on task (token_hash) where token_hash is not null;
      create index task_activity on task (namespace, resource, priority desc, run_at)
        where kind = 'activity' and status = 'QUEUED';

      -- The task of another execution that started this one: the key is the promise that a task starts at most one.
      -- "depth" counts how many executions above are waiting for this one.
      alter table execution
        add column parent_execution_id uuid,
        add column parent_task_id      uuid,
        add column depth               integer not null default 0;
      create unique index execution_parent_task on execution (parent_task_id) where parent_task_id is not null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
