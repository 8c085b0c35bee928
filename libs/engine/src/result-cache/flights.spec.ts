import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, sql } from '@app/common';
import { TaskResultsService, WaitingService } from '@app/engine';
import type { Task } from '@app/queue';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { eventually } from '../../../../test/support/standalone.js';
import { FlightRepository } from './flight.repository.js';
import { FlightsService } from './flights.service.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.objects.ensureBucket('flights');
  await engine.objects.put({ bucket: 'flights', key: 'film.mov' }, 'pictures');
});
beforeEach(async () => {
  for (const table of ['result_cache', 'result_cache_flight', 'result_cache_wait'])
    await engine.database.query({ text: `delete from ${table}`, values: [] });
  await engine.database.query(sql`update task set status = 'CANCELLED' where status in ('QUEUED', 'RUNNING')`);
  await engine.functions.deploy('default', {
    name: 'count',
    runtime: 'command',
    command: ['true'],
    inputs: { source: '$.source' },
    cache: {},
  });
});
afterAll(() => engine.close());

const event = { source: { bucket: 'flights', key: 'film.mov' } };
const invoke = (options: { skipCache?: boolean } = {}) =>
  engine.invocations.invoke('default', 'count', { input: event, ...options });
const find = async ({ id }: { id: string }) => (await engine.tasks.find(id)) as Task;

const flightOf = ({ id }: Task) => ({ namespace: 'default', key: 'k', id, attempt: 1 });

async function register(): Promise<string> {
  const id = crypto.randomUUID();
  await engine.database.query(sql`
    insert into executor (id, name, labels, capacity, version) values (${id}, 'flights', '{cpu}', '{}', '0')`);
  return id;
}

/** What an executor of its own is given that asks once. */
async function ask(slots = 10): Promise<string[]> {
  const free = { slots, memoryMb: 100_000, vcpu: 100 };
  const { tasks } = await engine.workers.poll(await register(), { free, running: [], results: [], waitMs: 0 });
  return tasks.map(({ id }) => id);
}

async function end(task: Task, result: 'SUCCEEDED' | 'FAILED'): Promise<void> {
  const { id, attempt } = await find(task);
  const results = engine.app.get(TaskResultsService, { strict: false });
  const usage = { wallMs: 1, cpuMs: 700 };
  await results.accept(
    result === 'SUCCEEDED'
      ? { id, attempt, status: result, output: { by: id }, outputs: [], usage }
      : { id, attempt, status: result, error: 'Broken', cause: 'It broke', usage },
  );
}

/** Two of the same work; the first is with an executor. */
async function begun(): Promise<[Task, Task]> {
  const first = await invoke();
  expect(await ask()).toEqual([first.id]);
  return [first, await invoke()];
}

describe('work that is asked for while it is being done', () => {
  it('is done once: the second waits without an executor, and is served when the first has ended', async () => {
    const [first, second] = await begun();
    expect(await ask()).toEqual([]);
    const waits = await find(second);
    expect(waits).toMatchObject({ status: 'QUEUED', executorId: undefined });
    const explained = await engine.app.get(WaitingService, { strict: false }).explain(waits);
    expect(explained?.reasons.map(({ code }) => code)).toEqual(['same_work']);
    await end(first, 'SUCCEEDED');
    const served = await eventually(async () => {
      expect(await ask()).toEqual([]);
      const task = await find(second);
      return task.status === 'SUCCEEDED' && task;
    });
    expect(served).toMatchObject({
      output: { by: first.id },
      report: { cachedFrom: { invocation: first.id, savedCpuMs: 700 } },
    });
  });

  it('is done once of several that one executor asks for together', async () => {
    const all = [await invoke(), await invoke(), await invoke()];
    const given = await ask();
    expect(given).toHaveLength(1);
    expect(all.map(({ id }) => id)).toContain(given[0]);
    expect(await ask()).toEqual([]);
  });

  it('is done by the second if the first fails', async () => {
    const [first, second] = await begun();
    expect(await ask()).toEqual([]);
    await end(first, 'FAILED');
    expect(await ask()).toEqual([second.id]);
    await end(second, 'SUCCEEDED');
    expect(await find(second)).toMatchObject({ status: 'SUCCEEDED', output: { by: second.id } });
  });

  it.each<[string, (first: Task) => Promise<unknown>]>([
    ['is cancelled', ({ id }) => engine.database.query(sql`update task set status = 'CANCELLED' where id = ${id}`)],
    [
      'is lost with its executor',
      ({ id }) => engine.database.query(sql`update task set run_at = now() where id = ${id}`),
    ],
    [
      'has ended, and nobody lived to tell',
      ({ id }) => engine.database.query(sql`update task set status = 'SUCCEEDED' where id = ${id}`),
    ],
  ])('is done by the second, at the latest when it looks again, if the first %s', async (_, happens) => {
    const [first, second] = await begun();
    expect(await ask()).toEqual([]);
    await happens(first);
    await engine.database.query(sql`update task set run_at = now() - interval '1 minute' where id = ${second.id}`);
    expect(await ask(1)).toEqual([second.id]);
  });

  it('is done by both where the second does without known results', async () => {
    const first = await invoke();
    expect(await ask()).toEqual([first.id]);
    const second = await invoke({ skipCache: true });
    expect(await ask()).toEqual([second.id]);
  });

  it('has one leader, though two gateways ask at the same moment', async () => {
    const flights = engine.app.get(FlightsService, { strict: false });
    const repository = engine.app.get(FlightRepository, { strict: false });
    const [one, other] = [await invoke(), await invoke()];
    await engine.database.query(sql`
      update task set status = 'RUNNING', attempt = 1, run_at = now() + interval '1 minute' where id = any(${[one.id, other.id]}::uuid[])`);
    let joined: Promise<Set<string>> | undefined;
    await engine.app.get(Database, { strict: false }).transaction(async () => {
      await repository.lock([flightOf(one)]);
      // Comes while the first has not committed: it waits for it, and finds it there.
      joined = outside(() => flights.join([flightOf(other)]));
      await eventually(async () => (await outside(locksWaitedFor)) > 0);
      expect(await repository.lead([flightOf(one)])).toEqual([]);
    });
    expect([...((await joined) ?? [])]).toEqual([other.id]);
  });

  it('is waited for by nobody who began to wait as it ended', async () => {
    const flights = engine.app.get(FlightsService, { strict: false });
    const repository = engine.app.get(FlightRepository, { strict: false });
    const [first, second] = await begun();
    await engine.database.query(sql`
      update task set status = 'RUNNING', attempt = 1, run_at = now() + interval '1 minute' where id = ${second.id}`);
    const [{ key }] = (await engine.database.query(sql`select key from result_cache_flight`)) as [{ key: string }];
    const flight = { namespace: 'default', key, id: second.id, attempt: 1 };
    let landed: Promise<void> | undefined;
    await engine.app.get(Database, { strict: false }).transaction(async () => {
      await repository.lock([flight]);
      landed = outside(() => flights.land(first));
      const found = await repository.lead([flight]);
      expect(found).toEqual([{ id: second.id, attempt: 1, leaderId: first.id }]);
      await repository.follow(found);
    });
    await landed;
    expect(await engine.database.query(sql`select from result_cache_wait`)).toEqual([]);
  });
});

/** Seen from outside: a transaction sees this once and for all. */
async function locksWaitedFor(): Promise<number> {
  const rows = await engine.database.query(sql`
    select from pg_stat_activity where wait_event_type = 'Lock' and query like '%result_cache_flight%'`);
  return rows.length;
}

/** Not in the transaction that is open here. */
function outside<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    detached(() => work().then(resolve, reject));
  });
}
const detached = (() => {
  // An async context of before any transaction.
  const { AsyncResource } = process.getBuiltinModule('node:async_hooks');
  const resource = new AsyncResource('outside');
  return (work: () => void) => resource.runInAsyncScope(work);
})();
