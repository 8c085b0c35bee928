import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Topics and their messages, for installations without Kafka. Keys begin with the topic. */
export class EventBus1763700000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- Publishing takes the row's lock until its commit, so messages become visible in the order of their
      -- offsets, and a reader that has seen one offset has seen all below it.
      create table bus_topic (
        topic       text primary key,
        next_offset bigint      not null default 0,
        created_at  timestamptz not null default now()
      );

      -- "message_offset" counts from 0 within the topic, without gaps but for what was trimmed.
      create table bus_message (
        topic          text        not null,
        message_offset bigint      not null,
        key            text,
        value          bytea       not null,
        headers        jsonb       not null default '{}',
        published_at   timestamptz not null,
        primary key (topic, message_offset)
      );

      -- How far a group has read a topic. The row's lock is held while a batch is handled.
      -- "retry_at" lies in the future after a batch was rejected, for every member of the group.
      create table bus_consumer (
        topic       text        not null,
        "group"     text        not null,
        next_offset bigint      not null,
        failures    integer     not null default 0,
        retry_at    timestamptz not null default now(),
        primary key (topic, "group")
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
