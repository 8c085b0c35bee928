// DBOS, a library in this process, on the same kind of Postgres as Spool's.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../lib/spool.mjs';
import { measure, payload, withEnd } from './measure.mjs';

const require = createRequire(join(process.env.PEERS_DIR, 'package.json'));
const { DBOS } = require('@dbos-inc/dbos-sdk');
const { EmbeddedPostgres } = await import(pathToFileURL(join(root, 'dist/libs/common/src/index.js')).href);
const dir = mkdtempSync(join(tmpdir(), 'spool-bench-dbos-'));
const postgres = await EmbeddedPostgres.start({ dir });

const step = async (value) => value;
const three = async (input) => {
  const a = await DBOS.runStep(() => step(input), { name: 'A' });
  const b = await DBOS.runStep(() => step(a), { name: 'B' });
  return DBOS.runStep(() => step(b), { name: 'C' });
};
const workflow = DBOS.registerWorkflow(three, { name: 'three' });
const fan = DBOS.registerWorkflow(
  (parts) => Promise.all(Array.from({ length: parts }, (_, n) => DBOS.runStep(() => step(n), { name: `part ${n}` }))),
  { name: 'fan' },
);
DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: postgres.url,
  systemDatabasePoolSize: 12,
  logLevel: 'error',
  runAdminServer: false,
});
await DBOS.launch();
const pid = Number(readFileSync(join(dir, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);

const end = async () => {
  await DBOS.shutdown();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
};
await withEnd(() => measure({ runOne: () => workflow(payload()), fanOut: fan }, pid), end);
