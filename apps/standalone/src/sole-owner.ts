import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { Client } from 'pg';

/**
 * Makes sure that nobody else runs on this data folder: the embedded object store knows one writer only. The lock is
 * a session's in Postgres, so however this process ends, it is free again at once.
 */
export async function becomeSoleOwner(databaseUrl: string, dataDir: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'spool-owner' });
  client.on('error', () => {}); // Postgres going away is noticed, and told, by everybody else.
  await client.connect();
  const key = createHash('sha256').update(realpathSync(dataDir)).digest().readInt32BE();
  const { rows } = await client.query<{ owned: boolean }>('select pg_try_advisory_lock(7310984, $1) as owned', [key]);
  if (rows[0]?.owned) return;
  await client.end();
  throw new Error(`Another Spool is running on ${dataDir}: stop it first, or set SPOOL_DATA_DIR to another folder`);
}
