import { randomUUID } from 'node:crypto';
import { Database, openDataSource, Wakeups } from '@app/common';
import { entities } from '@app/engine';
import { Logger } from '@nestjs/common';
import { Pool } from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  readonly wakeups: Wakeups;
  /** Closes the connections and drops the database. */
  drop(): Promise<void>;
}

/** A fresh, migrated database for one spec file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = new Pool({ connectionString: serverUrl, max: 1 });
  await server.query(`create database ${name} template template strategy file_copy`);
  const url = new URL(serverUrl);
  url.pathname = name;
  const dataSource = await openDataSource({ url: url.href, entities, migrations: [] });
  const database = new Database(dataSource);
  const wakeups = new Wakeups(database);
  await wakeups.onModuleInit();
  return {
    url: url.href,
    database,
    wakeups,
    async drop() {
      Logger.overrideLogger(false); // Connections that are still closing are cut by the drop, which is no news.
      await wakeups.beforeApplicationShutdown();
      await database.onApplicationShutdown();
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    },
  };
}
