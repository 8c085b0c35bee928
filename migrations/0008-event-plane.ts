import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Patterns, deliveries that wait, the ledger of objects, and what schedules remember. */
export class EventPlane1763700000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TRIGGERS);
    await runner.query(DELIVERIES);
    await runner.query(LEDGER);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

const TRIGGERS = /* sql */ `
  -- An event pattern; SQL's null when there is none.
  alter table trigger add column pattern jsonb;

  -- Another token after each change of any trigger, so that who keeps triggers in memory sees that they are old.
  -- A token and no number: one that was rolled back must not come again with other triggers behind it.
  create table trigger_revision (
    is_only boolean primary key default true check (is_only),
    token   uuid not null default gen_random_uuid()
  );
  insert into trigger_revision default values;
  create function renew_trigger_revision() returns trigger language plpgsql as $$
  begin
    update trigger_revision set token = gen_random_uuid();
    return null;
  end $$;
  create trigger trigger_changed after insert or update or delete on trigger
    for each statement execute function renew_trigger_revision();

  -- What the latest tick started, for overlap policies; "buffered_at" is a tick that waits for that to end.
  alter table schedule
    add column last_target_kind text,
    add column last_target_id   uuid,
    add column buffered_at      timestamptz;

  -- Extension attributes of CloudEvents, by name.
  alter table event add column extensions jsonb;
  create index event_age on event (received_at);
`;

const DELIVERIES = /* sql */ `
  -- An event that a trigger has not started yet. "purpose": retry (it failed and is tried again), settle (the object
  -- may still change), batch (it waits for others). Of one trigger and key the lowest id comes first.
  create table delivery (
    id         bigint generated always as identity primary key,
    trigger_id uuid        not null references trigger on delete cascade,
    namespace  text        not null,
    source     text        not null,
    event_id   text        not null,
    key        text,
    purpose    text        not null,
    attempts   integer     not null default 0,
    due_at     timestamptz not null default now(),
    error      text,
    cause      text,
    created_at timestamptz not null default now(),
    unique (trigger_id, source, event_id)
  );
  create index delivery_due on delivery (due_at);
  create index delivery_in_order on delivery (trigger_id, key, id);

  -- Where a dead letter came from, and what became of it.
  alter table dead_letter
    add column trigger_id   uuid,
    add column attempts     integer not null default 1,
    add column redriven_at  timestamptz;
  create index dead_letter_of_trigger on dead_letter (trigger_id, created_at desc);
`;

const LEDGER = /* sql */ `
  -- Each version of each object that triggers wait for, however it was learned of first: "notified_at" and
  -- "listed_at" say by what, "event_id" is the one event that it became.
  create table object_ledger (
    id            uuid primary key,
    namespace     text        not null,
    bucket        text        not null,
    key           text        not null,
    etag          text,
    version_id    text,
    sequencer     text,
    size          bigint,
    -- As a listing says, and as a notification says.
    last_modified timestamptz,
    event_time    timestamptz,
    event_id      text        not null,
    notified_at   timestamptz,
    listed_at     timestamptz,
    acted_at      timestamptz,
    seen_at       timestamptz not null default now()
  );
  create index object_ledger_key on object_ledger (namespace, bucket, key);
  create index object_ledger_recent on object_ledger (namespace, bucket, seen_at desc);
  create index object_ledger_age on object_ledger (seen_at);

  -- One sweep over the listing of a bucket at a time. "next_at" in the future is both the pause and the lease.
  create table bucket_sweep (
    namespace   text        not null,
    bucket      text        not null,
    next_at     timestamptz not null default now(),
    after_key   text,
    started_at  timestamptz,
    finished_at timestamptz,
    listed      bigint      not null default 0,
    healed      bigint      not null default 0,
    error       text,
    primary key (namespace, bucket)
  );
  create index bucket_sweep_due on bucket_sweep (next_at);
`;
