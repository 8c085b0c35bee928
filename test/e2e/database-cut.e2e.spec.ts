import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { eventually } from '../support/standalone.js';

const STARTS = 300;
const CUTS = 12;

let gateway: TestGateway;
let killer: Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  killer = new Client({ connectionString: gateway.databaseUrl, application_name: 'killer' });
  await killer.connect();
});
afterAll(async () => {
  await killer?.end();
  await gateway?.close();
});

/** Cuts every connection of the gateway, whatever it is in the middle of. */
const cut = () =>
  killer.query(`select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and application_name = 'spool' and pid <> pg_backend_pid()`);

it('loses nothing that was acknowledged, does nothing twice, and says what may be repeated, when connections are cut', async () => {
  const definition = { StartAt: 'S', States: { S: { Type: 'Pass', End: true } } };
  await gateway.call('POST', '/v1/workflows', { name: 'w', definition });
  const acknowledged = new Map<string, string>();
  const odd: string[] = [];
  let repeated = 0;
  const names = Array.from({ length: STARTS }, (_, n) => `n-${n}`).values();
  const starter = async (): Promise<void> => {
    for (const name of names) {
      for (let again = true; again; ) {
        const { status, body, text } = await gateway.call('POST', '/v1/workflows/w/executions', {
          name,
          input: { name },
        });
        again = status === 503;
        if (again) repeated++;
        // What was done although its answer said 503 has its name: to ask again gives it, or that it is over.
        if (status === 201) acknowledged.set(name, body.id);
        else if (status !== 503 && body.code !== 'execution_already_exists') odd.push(`${status} ${text}`);
        if (again) await sleep(20);
      }
    }
  };
  const starters = Promise.all(Array.from({ length: 6 }, starter));
  for (let n = 0; n < CUTS; n++) {
    await cut();
    await sleep(60);
  }
  await starters;
  expect(odd).toEqual([]);
  expect(repeated).toBeGreaterThan(0);
  await eventually(async () => (await gateway.call('GET', '/v1/executions?status=RUNNING')).body.items.length === 0);
  const { items } = (await gateway.call('GET', '/v1/executions?limit=500')).body;
  expect(items).toHaveLength(STARTS);
  const ids = new Map(items.map((one: { id: string; name: string }) => [one.name, one.id]));
  expect(new Set(items.map(({ status }: { status: string }) => status))).toEqual(new Set(['SUCCEEDED']));
  for (const [name, id] of acknowledged) expect(ids.get(name)).toBe(id);
});
