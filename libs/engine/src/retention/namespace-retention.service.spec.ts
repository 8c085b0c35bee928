import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { LogsService } from '../logs/logs.service.js';
import { StoreNotificationsService } from '../ledger/store-notifications.service.js';
import { SweepsService } from '../ledger/sweeps.service.js';
import { NamespaceRetentionService } from './namespace-retention.service.js';
import { RetentionPoliciesService } from './retention-policies.service.js';
import { type RetentionPolicy, retentionPolicy } from './retention-policy.js';

const FOREVER: RetentionPolicy = {
  events: null,
  executions: null,
  invocations: null,
  logs: null,
  deadLetters: null,
  objects: null,
};
const Do = { Type: 'Task', Resource: 'function:work', End: true };

let engine: TestEngine;
let retention: NamespaceRetentionService;
beforeAll(async () => {
  engine = await createEngine();
  retention = engine.app.get(NamespaceRetentionService, { strict: false });
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  await engine.workflows.deploy('default', { name: 'flow', definition: { StartAt: 'Do', States: { Do } } as never });
  await engine.database.query(sql`update usage_mark set rolled_up_to = 'infinity'`);
});
afterAll(() => engine?.close());

const count = async (table: string): Promise<number> => {
  const [row] = await engine.database.query<{ n: number }>({
    text: `select count(*)::int as n from ${table}`,
    values: [],
  });
  return row?.n ?? 0;
};
const counts = async (...tables: string[]) => {
  const found: Record<string, number> = {};
  for (const table of tables) found[table] = await count(table);
  return found;
};
/** Everything there is becomes older. */
const age = (days: number) =>
  engine.database.query({
    text: `
      with e as (update execution set started_at = started_at - make_interval(days => ${days}),
                                      ended_at = ended_at - make_interval(days => ${days}))
      update task set created_at = created_at - make_interval(days => ${days}),
                      ended_at = ended_at - make_interval(days => ${days})`,
    values: [],
  });
const start = () => engine.executions.start('default', 'flow', { input: {} });
async function finish(): Promise<void> {
  for (const task of await engine.claim()) await engine.report(task, {});
}

describe('executions that ended long ago', () => {
  const TABLES = ['execution', 'frame', 'history', 'task', 'timer'];

  it('are removed with all below them, and no others', async () => {
    await start();
    await finish();
    await age(10);
    const kept = await start();
    await finish();
    const running = await start();
    await age(5);
    await retention.run('default', { ...FOREVER, executions: 16 });
    expect(await count('execution')).toBe(3);
    await retention.run('spool', { ...FOREVER, executions: 1 });
    expect(await count('execution')).toBe(3);
    await retention.run('default', { ...FOREVER, executions: 10 });
    const left = await engine.executions.list('default', { limit: 10 });
    expect(left.map(({ id }) => id).toSorted()).toEqual([kept.id, running.id].toSorted());
    await finish();
    await age(20);
    await retention.run('default', { ...FOREVER, executions: 1 });
    expect(await counts(...TABLES)).toEqual({ execution: 0, frame: 0, history: 0, task: 0, timer: 0 });
  });

  it('stay while a parent of theirs runs', async () => {
    const Sub = { Type: 'Task', Resource: 'workflow:flow', End: true };
    const Both = {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Sub', States: { Sub } },
        { StartAt: 'Do2', States: { Do2: Do } },
      ],
      End: true,
    };
    await engine.workflows.deploy('default', {
      name: 'parent',
      definition: { StartAt: 'Both', States: { Both } } as never,
    });
    const { id } = await engine.executions.start('default', 'parent', { input: {} });
    await engine.route();
    await engine.database.query(sql`update execution set status = 'SUCCEEDED', ended_at = now() where id <> ${id}`);
    await age(10);
    await retention.run('default', { ...FOREVER, executions: 1 });
    expect(await count('execution')).toBe(2);
    await engine.executions.stop('default', id);
    await age(10);
    await retention.run('default', { ...FOREVER, executions: 1 });
    expect(await count('execution')).toBe(0);
  });
});

const INVOCATIONS = "task where kind = 'function'";
const linesAndTasks = async () => [await count('task_log_archive'), await count(INVOCATIONS)];

describe('invocations and lines that are old', () => {
  it('are removed, each by its own age, once they are counted as used', async () => {
    await engine.invocations.invoke('default', 'work', { input: {} });
    const [task] = await engine.claim();
    await engine.database.query(sql`
      insert into task_log (task_id, attempt, stream, line) values (${task!.id}, 1, 'stdout', 'hello')`);
    await engine.report(task!, {});
    await age(10);
    await engine.app.get(LogsService, { strict: false }).archiveEnded(10);
    await engine.database.query(sql`update task_log_archive set archived_at = archived_at - interval '10 days'`);
    await retention.run('default', { ...FOREVER, logs: 11 });
    expect(await linesAndTasks()).toEqual([1, 1]);
    await retention.run('default', { ...FOREVER, logs: 5 });
    expect(await linesAndTasks()).toEqual([0, 1]);
    await engine.database.query(sql`update usage_mark set rolled_up_to = now() - interval '20 days'`);
    await retention.run('default', { ...FOREVER, invocations: 5 });
    expect(await count(INVOCATIONS)).toBe(1);
    await engine.database.query(sql`update usage_mark set rolled_up_to = 'infinity'`);
    await retention.run('default', { ...FOREVER, invocations: 5 });
    expect(await count(INVOCATIONS)).toBe(0);
  });
});

describe('versions of objects that are old', () => {
  it('are forgotten when they are not there any more, so that no sweep acts on what is', async () => {
    await engine.objects.ensureBucket('films');
    const target = { workflow: 'flow' };
    await engine.triggers.create('default', { name: 'films', kind: 'object', source: { bucket: 'films' }, target });
    const store = engine.app.get(StoreNotificationsService, { strict: false });
    const put = async (key: string, body: string) => {
      const { etag, lastModified } = await engine.objects.put({ bucket: 'films', key }, body);
      await store.take({ eventName: 'ObjectCreated:Put', bucket: 'films', key, etag, eventTime: lastModified });
    };
    await put('stays', 'x');
    await put('replaced', 'one');
    await put('replaced', 'two');
    await put('removed', 'x');
    await engine.objects.delete({ bucket: 'films', key: 'removed' });
    await engine.database.query(sql`update object_ledger set seen_at = seen_at - interval '31 days'`);
    await retention.run('default', { ...FOREVER, objects: 30 });
    const left = await engine.database.query<{ key: string }>(sql`select key from object_ledger order by key`);
    expect(left.map(({ key }) => key)).toEqual(['replaced', 'stays']);
    const before = await count('execution');
    const sweeps = engine.app.get(SweepsService, { strict: false });
    await sweeps.hasten('default', 'films');
    while (await sweeps.sweepDue());
    expect(await count('execution')).toBe(before);
  });
});

describe('a policy', () => {
  it("is a namespace's own, and the default until it is given", async () => {
    const policies = engine.app.get(RetentionPoliciesService, { strict: false });
    expect(await policies.get('default')).toEqual(retentionPolicy.parse({}));
    await policies.replace('default', { ...FOREVER, events: 3 });
    expect(await policies.get('default')).toEqual({ ...FOREVER, events: 3 });
    expect(await policies.get('spool')).toEqual(retentionPolicy.parse({}));
  });

  it.each([
    [{ events: 0 }, 'events'],
    [{ logs: 'week' }, 'logs'],
    [{ executions: 1.5 }, 'executions'],
  ])('is refused as %j', (policy, field) => {
    expect(retentionPolicy.safeParse(policy).error?.issues.map(({ path }) => path)).toEqual([[field]]);
  });
});
