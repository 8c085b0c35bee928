import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was deployed of the built-in functions and workflows, so that a start has nothing to do but to compare. */
export class Builtins1763700000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- "digest" is of the files that it was deployed from, and of the rules that they were read by.
      create table builtin (
        kind   text not null,
        name   text not null,
        digest text not null,
        primary key (kind, name)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}
