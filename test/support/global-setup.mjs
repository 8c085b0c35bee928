// One Postgres server for the whole run, with a migrated template that each spec file copies for itself.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const built = (path) => import(pathToFileURL(join(import.meta.dirname, '../../dist', path)).href);

export default async function () {
  const { EmbeddedPostgres, openDataSource, migrate } = await built('libs/common/src/index.js');
  const { entities } = await built('libs/engine/src/catalogue/entities.js');
  const { migrations } = await built('migrations/index.js');
  const dir = mkdtempSync(join(tmpdir(), 'spool-test-'));
  const server = await EmbeddedPostgres.start({ dir, durability: 'none' });
  const dataSource = await openDataSource({ url: server.url, entities: [], migrations: [] });
  await dataSource.query('create database template');
  await dataSource.destroy();
  const url = new URL(server.url);
  url.pathname = 'template';
  const template = await openDataSource({ url: url.href, entities, migrations });
  await migrate(template);
  await template.destroy();
  process.env.TEST_DATABASE_URL = server.url;
  globalThis.spoolTest = { server, dir };
}
