import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What runs: written at every step, by SQL of our own. Keys begin with the namespace or the execution. */
export class HotPath1763700000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EVENTS);
    await runner.query(EXECUTIONS);
    await runner.query(TASKS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

// What lists are paged by is kept to the millisecond, which is what a cursor, and JavaScript, can say.
const EVENTS = /* sql */ `
  -- A CloudEvents 1.0 event. (source, id) is its identity: the second delivery of one changes nothing.
  create table event (
    namespace   text        not null,
    source      text        not null,
    id          text        not null,
    type        text        not null,
    subject     text,
    time        timestamptz not null,
    data        jsonb,
    received_at timestamptz(3) not null default now(),
    primary key (namespace, source, id)
  );
  create index event_recent on event (namespace, received_at desc);

  -- What an event started. The key is the promise: one trigger starts at most one thing per event.
  create table event_start (
    namespace   text        not null,
    source      text        not null,
    event_id    text        not null,
    trigger_id  uuid        not null,
    target_kind text        not null,
    target_id   uuid        not null,
    started_at  timestamptz not null default now(),
    primary key (namespace, source, event_id, trigger_id)
  );

  -- The next tick of a schedule trigger; claimed with its row lock.
  create table schedule (
    trigger_id   uuid primary key references trigger on delete cascade,
    next_fire_at timestamptz not null,
    last_fire_at timestamptz
  );
  create index schedule_due on schedule (next_fire_at);

  -- What could not be handled, whole, with the reason.
  create table dead_letter (
    id         uuid primary key,
    namespace  text        not null,
    kind       text        not null,
    payload    jsonb       not null,
    error      text        not null,
    cause      text        not null,
    created_at timestamptz not null default now()
  );
  create index dead_letter_recent on dead_letter (namespace, created_at desc);
`;

const EXECUTIONS = /* sql */ `
  -- One run of a workflow. Its row is the lock of everything below it.
  create table execution (
    id                  uuid primary key,
    namespace           text        not null,
    workflow            text        not null,
    workflow_version_id uuid        not null,
    version             integer     not null,
    name                text        not null,
    status              text        not null,
    input               jsonb       not null,
    output              jsonb,
    error               text,
    cause               text,
    trigger_id          uuid,
    event_source        text,
    event_id            text,
    next_frame_id       integer     not null default 1,
    next_history_id     integer     not null default 1,
    started_at          timestamptz(3) not null default now(),
    ended_at            timestamptz,
    unique (namespace, workflow, name)
  );
  create index execution_recent on execution (namespace, started_at desc, id desc);

  -- One line of control: the root (0), a Parallel branch or a Map iteration. "state" is the interpreter's.
  -- A retried Parallel has a new set of children: "parent_step" tells them apart.
  create table frame (
    execution_id uuid    not null references execution on delete cascade,
    id           integer not null,
    parent_id    integer,
    parent_step  integer,
    index        integer not null default 0,
    status       text    not null,
    state        jsonb   not null,
    output       jsonb,
    has_timer    boolean not null default false,
    primary key (execution_id, id)
  );
  create index frame_children on frame (execution_id, parent_id, parent_step, index) where parent_id is not null;

  create table history_event (
    execution_id uuid        not null references execution on delete cascade,
    id           integer     not null,
    frame_id     integer     not null,
    type         text        not null,
    at           timestamptz not null default now(),
    details      jsonb       not null,
    primary key (execution_id, id)
  );

  -- Something a frame waits for: the end of a Wait, a retry's back-off, a timeout. "step" is the fence.
  create table timer (
    execution_id uuid        not null references execution on delete cascade,
    frame_id     integer     not null,
    step         integer     not null,
    kind         text        not null,
    fire_at      timestamptz not null,
    primary key (execution_id, frame_id, step, kind)
  );
  create index timer_due on timer (fire_at);
`;

const TASKS = /* sql */ `
  create table executor (
    id            uuid primary key,
    name          text        not null,
    labels        text[]      not null,
    capacity      jsonb       not null,
    version       text        not null,
    registered_at timestamptz not null default now(),
    seen_at       timestamptz not null default now()
  );

  -- One unit of work, and afterwards its record. A claim raises "attempt" and moves "run_at" to the end of the
  -- lease, so "due" and "abandoned" are one question; only the holder of the latest attempt may report.
  -- QUEUED -> RUNNING -> (PUBLISHING ->) SUCCEEDED | FAILED | TIMED_OUT | CANCELLED
  create table task (
    id                  uuid primary key,
    namespace           text        not null,
    kind                text        not null,
    execution_id        uuid references execution on delete cascade,
    frame_id            integer,
    step                integer,
    state_name          text,
    resource            text        not null,
    function_version_id uuid,
    payload             jsonb       not null,
    result_shape        text        not null default 'plain',
    labels              text[]      not null default '{}',
    memory_mb           integer     not null default 0,
    vcpu                real        not null default 0,
    priority            integer     not null default 0,
    status              text        not null default 'QUEUED',
    attempt             integer     not null default 0,
    max_attempts        integer     not null default 5,
    run_at              timestamptz not null default now(),
    executor_id         uuid,
    timeout_seconds     real        not null,
    progress            jsonb,
    output              jsonb,
    error               text,
    cause               text,
    report              jsonb,
    created_at          timestamptz(3) not null default now(),
    started_at          timestamptz,
    ended_at            timestamptz
  );
  create index task_due on task (kind, priority desc, run_at) where status in ('QUEUED', 'RUNNING');
  create index task_publishing on task (run_at) where status = 'PUBLISHING';
  create index task_of_execution on task (execution_id, frame_id, step);
  create index task_recent on task (namespace, created_at desc, id desc);
  create index task_held on task (executor_id) where status = 'RUNNING';

  -- A multipart upload that a task's attempt fills. Completing it is what makes an output visible;
  -- a row whose attempt can no longer win is aborted and removed.
  create table task_upload (
    task_id    uuid        not null references task on delete cascade,
    attempt    integer     not null,
    name       text        not null,
    bucket     text        not null,
    key        text        not null,
    upload_id  text        not null,
    parts      jsonb,
    created_at timestamptz not null default now(),
    primary key (task_id, attempt, name)
  );

  -- What a task wrote to stdout and stderr, in order.
  create table task_log (
    task_id uuid        not null references task on delete cascade,
    id      bigint generated always as identity,
    attempt integer     not null,
    stream  text        not null,
    line    text        not null,
    at      timestamptz not null default now(),
    primary key (task_id, id)
  );
`;
