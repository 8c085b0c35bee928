import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Asynchronous invocations: how often they are tried, what they are known by, and who is told how they ended. */
export class AsynchronousCalls1763700000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table task add column asynchronous boolean not null default false;

      -- What a namespace wants of the asynchronous invocations of a function, its own or a built-in one.
      create table event_invoke_config (
        namespace   text        not null,
        function_id uuid        not null references function on delete cascade,
        config      jsonb       not null,
        updated_at  timestamptz not null default now(),
        primary key (namespace, function_id)
      );

      -- Of a task that is one: as it was wanted when it was accepted. "concluded_at" is when its end was told, or was
      -- nothing to tell: once, together with the end.
      create table asynchronous_call (
        task_id                uuid primary key references task on delete cascade,
        namespace              text        not null,
        failures               integer     not null default 0,
        max_retries            integer     not null,
        retry_interval_seconds double precision not null,
        expires_at             timestamptz not null,
        on_success             jsonb,
        on_failure             jsonb,
        trigger_id             uuid,
        hops                   integer     not null default 0,
        concluded_at           timestamptz
      );
      create index asynchronous_call_expiring on asynchronous_call (expires_at) where concluded_at is null;

      -- The first invocation of a key is that of all, until this.
      create table call_key (
        namespace  text        not null,
        function   text        not null,
        key        text        not null,
        task_id    uuid        not null,
        expires_at timestamptz not null,
        primary key (namespace, function, key)
      );
      create index call_key_old on call_key (expires_at);

      -- Ends that a destination has not been told of: written with the end.
      create table destination_delivery (
        task_id    uuid primary key references task on delete cascade,
        namespace  text        not null,
        target     jsonb       not null,
        condition  text        not null,
        calls      integer     not null,
        hops       integer     not null,
        attempts   integer     not null default 0,
        due_at     timestamptz not null default now(),
        created_at timestamptz not null default now()
      );
      create index destination_delivery_due on destination_delivery (due_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
