import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Values too large for a row are objects in the store, which rows refer to. */
export class Payloads1763700000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- A value that is kept in the object store, once for each namespace that has it: "digest" is the SHA-256 of its
      -- JSON, "key" where it is. "touched_at" is when somebody last meant to refer to it.
      create table payload (
        namespace  text        not null,
        digest     text        not null,
        key        text        not null unique,
        bytes      integer     not null,
        touched_at timestamptz not null default now(),
        primary key (namespace, digest)
      );
      create index payload_idle on payload (touched_at);

      -- Written with the rows that refer to a payload. "holder" is the execution, task or map run that they belong to;
      -- when that is deleted the use means nothing any more, and is removed in time. The foreign key is the promise
      -- that nothing refers to what was removed: its look-up is paid only where a value is large.
      create table payload_use (
        holder    uuid not null,
        namespace text not null,
        digest    text not null,
        primary key (holder, namespace, digest),
        foreign key (namespace, digest) references payload
      );
      create index payload_use_of on payload_use (namespace, digest);

      -- { name of a value: { key, bytes } } for those that are not in the row; there, null stands for them. A column of
      -- its own, so that no value that somebody gives us can be taken for a reference.
      alter table execution add column refs jsonb;
      alter table frame add column refs jsonb;
      alter table task add column refs jsonb;
      alter table map_run add column refs jsonb;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
