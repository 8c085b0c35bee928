import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Database } from '@app/common';
import { createEngine, type TestEngine } from '../support/engine.js';

const ITEMS = 12;
const Each = {
  Type: 'Map',
  MaxConcurrency: 5,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'A',
    States: { A: { Type: 'Pass', End: true } },
  },
  End: true,
};
const input = Array.from({ length: ITEMS }, (_, n) => n);

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.workflows.deploy('default', {
    name: 'each',
    definition: { StartAt: 'Each', States: { Each } } as never,
  });
});
afterAll(() => engine.close());

class Death extends Error {}

/** From the n-th statement on the database hears nothing more of the router: it is dead. True if it came that far. */
async function diesAt(n: number, database: Database, work: () => Promise<unknown>): Promise<boolean> {
  const { query } = database;
  let sent = 0;
  database.query = ((statement) => {
    const isHint = statement.text.includes('pg_notify'); // Of an earlier change; it belongs to no transaction.
    return !isHint && ++sent >= n ? Promise.reject(new Death()) : query.call(database, statement);
  }) as typeof database.query;
  try {
    await work().catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    return sent >= n;
  } finally {
    database.query = query;
  }
}

const settle = async (): Promise<void> => {
  while ((await engine.mapRunTurns.runDue(1)) > 0);
};

it('runs each item once and gives the same result, wherever in the map run its router dies', async () => {
  let deaths = 0;
  for (let step = 1; ; step++) {
    const { id } = await engine.executions.start('default', 'each', { input });
    const died = await diesAt(step, engine.database, settle);
    await engine.passSeconds(120);
    await settle();
    expect(await engine.executions.get('default', id)).toMatchObject({ status: 'SUCCEEDED', output: input });
    const [mapRun] = await engine.mapRuns.listOfExecution(id);
    expect(mapRun).toMatchObject({
      status: 'SUCCEEDED',
      counts: { SUCCEEDED: { executions: ITEMS, items: ITEMS } },
      endedAt: expect.any(Date),
    });
    const children = await engine.executions.list('default', { mapRun: mapRun!.id, limit: 100 });
    expect(children.map((child) => child.mapRun?.index).toSorted((a, b) => Number(a) - Number(b))).toEqual(input);
    if (!died) break;
    deaths++;
  }
  expect(deaths).toBeGreaterThan(20);
});
