import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Database } from '@app/common';
import { objectEvent } from '@app/events';
import { createEngine, type TestEngine } from '../support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  const definition = {
    StartAt: 'Work',
    States: { Work: { Type: 'Task', Resource: 'function:work', End: true } },
  } as never;
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  await engine.workflows.deploy('default', { name: 'flow', definition });
  const target = { workflow: 'flow' };
  await engine.triggers.create('default', { name: 'uploads', kind: 'object', source: { bucket: 'uploads' }, target });
});
afterAll(() => engine.close());

class Death extends Error {}

/** The database of a router that dies, and its transaction with it, when the n-th statement is to be sent: nor is any after it. */
async function dyingAt<T>(n: number, database: Database, work: () => Promise<T>): Promise<T> {
  const { query } = database;
  let sent = 0;
  database.query = ((statement) => {
    const isHint = statement.text.includes('pg_notify'); // Of an earlier change; it belongs to no transaction.
    if (!isHint && ++sent >= n) return Promise.reject(new Death(`before statement ${n}`));
    return query.call(database, statement);
  }) as typeof database.query;
  try {
    return await work();
  } finally {
    database.query = query;
  }
}

it('starts each upload once, wherever between event and start the router dies', async () => {
  const { database } = engine;
  let deaths = 0;
  for (let step = 1; ; step++) {
    const event = objectEvent({
      eventName: 'ObjectCreated:Put',
      bucket: 'uploads',
      key: `file-${step}`,
      etag: 'abc',
      sequencer: String(step),
      eventTime: '2026-01-01T00:00:00Z',
    })!;
    const outcome = await dyingAt(step, database, () => engine.events.ingest('default', event)).catch(
      (error: unknown) => error,
    );
    // The store was told nothing, or nothing it could rely on, so it delivers again, to one router and to another.
    await Promise.all([engine.events.ingest('default', event), engine.events.ingest('default', event)]);
    const started = await engine.executions.list('default', { workflow: 'flow', limit: 1_000 });
    expect(started.filter(({ startedBy }) => startedBy?.eventId === event.id)).toHaveLength(1);
    const tasks = await engine.tasks.list('default', { executionId: started[0]!.id, limit: 10 });
    expect(tasks).toHaveLength(1);
    if (!(outcome instanceof Death)) break;
    deaths++;
  }
  expect(deaths).toBeGreaterThanOrEqual(3);
});
