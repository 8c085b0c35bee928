import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine?.close());

const MORE_THAN_A_WALK = 5_000;

async function start(name: string, state: object): Promise<string> {
  const definition = { StartAt: 'Only', States: { Only: state } } as never;
  await engine.workflows.deploy('default', { name, definition });
  return (await engine.executions.start('default', name, { input: {} })).id;
}
const listed = async (status: string) =>
  (await engine.executions.list('default', { status: status as never, limit: 10 })).map(({ id }) => id);

/** The indexes that the list's statement, as it was sent, is read by. */
async function indexesOf(list: () => Promise<unknown>): Promise<string> {
  const { query } = engine.database;
  let sent: Parameters<typeof query>[0] | undefined;
  engine.database.query = ((statement) => {
    sent = statement;
    return query.call(engine.database, statement);
  }) as typeof query;
  await list().finally(() => (engine.database.query = query));
  const plan = await engine.database.query({ text: `explain ${sent?.text}`, values: sent?.values ?? [] });
  return JSON.stringify(plan);
}

describe('a list of executions by their status', () => {
  it('has those of the status only, the newest first', async () => {
    const waits = { Type: 'Wait', Seconds: 3_600, End: true };
    const first = await start('waits', waits);
    const second = await start('waits-too', waits);
    const failed = await start('fails', { Type: 'Fail', Error: 'E' });
    const stopped = await start('stopped', waits);
    await engine.executions.stop('default', stopped);
    const succeeded = await start('succeeds', { Type: 'Succeed' });
    expect(await listed('RUNNING')).toEqual([second, first]);
    expect(await listed('FAILED')).toEqual([failed]);
    expect(await listed('ABORTED')).toEqual([stopped]);
    expect(await listed('SUCCEEDED')).toEqual([succeeded]);
  });

  it('does not walk past those that have succeeded, however many there are', async () => {
    await engine.database.query(sql`
      insert into execution (id, namespace, workflow, workflow_version_id, version, name, status, input)
      select gen_random_uuid(), 'default', 'many', gen_random_uuid(), 1, 'n' || n, 'SUCCEEDED', '{}'
      from generate_series(1, ${MORE_THAN_A_WALK}::integer) as n`);
    await engine.database.query(sql`analyze execution`);
    expect(await indexesOf(() => listed('FAILED'))).toContain('execution_of_status');
    expect(await indexesOf(() => listed('RUNNING'))).toContain('frame_running');
  });
});
