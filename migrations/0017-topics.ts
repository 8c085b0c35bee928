import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages of topics that are worked off in batches, the places of triggers in topics, and the events of executions. */
export class Topics1763700000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MESSAGES);
    await runner.query(LIFECYCLE);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

const MESSAGES = /* sql */ `
  -- Where a topic trigger was put: "reset_to" is a place it is to be put to, or null. Each time raises "generation",
  -- which is part of the ids of events, so that a message that is read again is another event.
  create table topic_place (
    trigger_id uuid primary key references trigger on delete cascade,
    generation integer     not null default 0,
    reset_to   jsonb,
    reset_at   timestamptz not null default now()
  );

  -- What a batch has started. It is gone when that has ended and was looked at.
  create table topic_batch (
    id          uuid primary key,
    trigger_id  uuid        not null references trigger on delete cascade,
    namespace   text        not null,
    target_kind text        not null,
    target_id   uuid        not null,
    started_at  timestamptz not null default now()
  );
  create index topic_batch_of_trigger on topic_batch (trigger_id);

  -- A message that a trigger has taken and not finished with; its event has what it says. Of one "lane" the lowest id
  -- comes first, and one batch at a time; without a lane it has no order to keep. "part" holds those together that
  -- a failed batch was divided into. "batch_id" is what it is worked on with.
  create table topic_message (
    id         bigint generated always as identity primary key,
    trigger_id uuid        not null references trigger on delete cascade,
    namespace  text        not null,
    source     text        not null,
    event_id   text        not null,
    lane       text,
    bytes      integer     not null,
    attempts   integer     not null default 0,
    due_at     timestamptz not null default now(),
    part       uuid,
    batch_id   uuid,
    error      text,
    cause      text,
    created_at timestamptz not null default now(),
    unique (trigger_id, source, event_id)
  );
  create index topic_message_waiting on topic_message (trigger_id, id) where batch_id is null;
  create index topic_message_in_order on topic_message (trigger_id, lane, id) where lane is not null;
  create index topic_message_of_batch on topic_message (batch_id) where batch_id is not null;
`;

const LIFECYCLE = /* sql */ `
  -- Who wants to know of executions. "workflows" and "types" are null for all.
  create table subscription (
    id          uuid primary key,
    namespace   text        not null references namespace (name),
    name        text        not null,
    workflows   text[],
    types       text[],
    destination jsonb       not null,
    enabled     boolean     not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    unique (namespace, name)
  );

  -- What is to be told, written in the transaction in which it came to be: an outbox. "lane" is a subscription's id,
  -- or "triggers" for the triggers of the namespace. Of one execution and lane the lowest id comes first.
  create table lifecycle_event (
    id           bigint generated always as identity primary key,
    lane         text        not null,
    namespace    text        not null,
    execution_id uuid        not null,
    event        jsonb       not null,
    attempts     integer     not null default 0,
    due_at       timestamptz not null default now(),
    created_at   timestamptz not null default now()
  );
  create index lifecycle_event_of_lane on lifecycle_event (lane, id);

  -- One router at a time publishes a lane.
  create table lifecycle_lane (
    lane         text primary key,
    leased_until timestamptz not null
  );
`;
