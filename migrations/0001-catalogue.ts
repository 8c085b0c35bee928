import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people deploy: small, rarely written, kept by TypeORM entities. */
export class Catalogue1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CATALOGUE);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

const CATALOGUE = /* sql */ `
  -- Everything but the built-in functions belongs to a namespace; names never cross it.
  create table namespace (
    name       text primary key,
    created_at timestamptz not null default now()
  );
  insert into namespace (name) values ('default'), ('spool');
  
  -- Only a hash of the key is kept; "prefix" is what a person may recognise it by.
  create table api_key (
    id         uuid primary key,
    namespace  text        not null references namespace,
    name       text        not null,
    prefix     text        not null,
    hash       text        not null unique,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
  );
  
  create table function (
    id             uuid primary key,
    namespace      text        not null references namespace,
    name           text        not null,
    latest_version integer     not null,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    unique (namespace, name)
  );
  
  -- Immutable. "digest" is over code and configuration, so deploying the same thing twice makes one version.
  create table function_version (
    id          uuid primary key,
    function_id uuid        not null references function on delete cascade,
    version     integer     not null,
    digest      text        not null,
    code_digest text,
    config      jsonb       not null,
    created_at  timestamptz not null default now(),
    unique (function_id, version),
    unique (function_id, digest)
  );
  
  create table workflow (
    id             uuid primary key,
    namespace      text        not null references namespace,
    name           text        not null,
    latest_version integer     not null,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    unique (namespace, name)
  );
  
  -- Immutable. A running execution keeps its version, whatever is deployed later.
  create table workflow_version (
    id          uuid primary key,
    workflow_id uuid        not null references workflow on delete cascade,
    version     integer     not null,
    digest      text        not null,
    definition  jsonb       not null,
    created_at  timestamptz not null default now(),
    unique (workflow_id, version),
    unique (workflow_id, digest)
  );
  
  -- "source" says what it listens to, "target" what it starts, "input" how the event becomes its input.
  create table trigger (
    id         uuid primary key,
    namespace  text        not null references namespace,
    name       text        not null,
    kind       text        not null,
    source     jsonb       not null,
    target     jsonb       not null,
    input      jsonb,
    enabled    boolean     not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (namespace, name)
  );
  create index trigger_kind on trigger (kind) where enabled;
`;
