import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Database, sql } from '@app/common';
import { ROUTER_TASK_KINDS, RouterTasksService } from '@app/engine';
import { createEngine, type TestEngine } from '../support/engine.js';

let engine: TestEngine;
let router: RouterTasksService;
beforeAll(async () => {
  engine = await createEngine();
  router = engine.app.get(RouterTasksService, { strict: false });
  await deploy('child', { Rest: { Type: 'Wait', Seconds: 60, End: true } });
  await deploy('parent', { Call: { Type: 'Task', Resource: 'workflow:child', End: true } });
});
afterAll(() => engine.close());

const deploy = (name: string, states: object) =>
  engine.workflows.deploy('default', {
    name,
    definition: { StartAt: Object.keys(states)[0], States: states } as never,
  });

/** Does `work` in a router whose database is gone, and its transaction with it, from the n-th statement on. */
async function dyingAt(n: number, database: Database, work: () => Promise<unknown>): Promise<boolean> {
  const { query } = database;
  let sent = 0;
  database.query = ((statement) => {
    const isHint = statement.text.includes('pg_notify'); // Of an earlier change; it belongs to no transaction.
    if (!isHint && ++sent >= n) return Promise.reject(new Error(`dead before statement ${n}`));
    return query.call(database, statement);
  }) as typeof database.query;
  try {
    await work();
  } catch {
    // The router is dead: whatever it would have said, nobody hears it.
  } finally {
    database.query = query;
  }
  return sent >= n;
}
const routeOnce = async (): Promise<void> => {
  for (const kind of ROUTER_TASK_KINDS) await router.runDue(kind, 10);
};
/** The lease of a router that is dead runs out. */
const expireLeases = () =>
  engine.database.query(sql`
    update task set run_at = now() where status = 'RUNNING' and kind = any(${[...ROUTER_TASK_KINDS]}::text[]) and run_at <> 'infinity'`);
const get = (id: string) => engine.executions.get('default', id);
const childrenOf = (parent: string) => engine.executions.list('default', { parent, limit: 10 });

it('starts one child and answers its parent once, wherever the router dies', async () => {
  let deaths = 0;
  for (let died = true, step = 1; died; step++) {
    const { id } = await engine.executions.start('default', 'parent', { input: { step } });
    died = await dyingAt(step, engine.database, routeOnce);
    await expireLeases();
    await engine.route();
    const children = await childrenOf(id);
    expect(children).toHaveLength(1);
    await engine.passSeconds(61);
    await engine.timers.fireDue(10);
    expect(await get(children[0]!.id)).toMatchObject({ status: 'SUCCEEDED' });
    const diedAgain = await dyingAt(step, engine.database, routeOnce);
    await expireLeases();
    await engine.route();
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: { step } });
    const events = (await engine.executions.listHistory('default', id, 0, 100)).map(({ type }) => type);
    expect(events.filter((type) => type === 'TaskSubmitted')).toHaveLength(1);
    died ||= diedAgain;
    if (died) deaths++;
  }
  expect(deaths).toBeGreaterThan(3);
});

it('stops the child of a stopped parent, wherever the router dies', async () => {
  let deaths = 0;
  for (let died = true, step = 1; died; step++) {
    const { id } = await engine.executions.start('default', 'parent', { input: { step } });
    await engine.route();
    await engine.executions.stop('default', id);
    died = await dyingAt(step, engine.database, routeOnce);
    await expireLeases();
    await engine.route();
    const [child] = await childrenOf(id);
    expect(child).toMatchObject({ status: 'ABORTED' });
    if (died) deaths++;
  }
  expect(deaths).toBeGreaterThan(3);
});
