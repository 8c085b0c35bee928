import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

const pass = (Result: unknown) => ({ StartAt: 'A', States: { A: { Type: 'Pass', Result, End: true } } });
const fail = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'No', Cause: 'because' } } };
const waits = { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1_000, End: true } } };
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 20));
};

let gateway: TestGateway;
const deploy = (name: string, definition: object) => gateway.call('POST', '/v1/workflows', { name, definition });
const start = (workflow: string, body: object = {}, query = '') =>
  gateway.call('POST', `/v1/workflows/${workflow}/executions${query}`, body);
const list = async (query: string): Promise<string[]> => {
  const { body } = await gateway.call('GET', `/v1/executions?${query}`);
  return body.items.map(({ name }: { name: string }) => name);
};

beforeAll(async () => {
  gateway = await startTestGateway();
  for (const result of ['one', 'two']) await deploy('flow', pass(result));
  await deploy('fails', fail);
  await deploy('waits', waits);
});
afterAll(() => gateway?.close());

describe('an alias', () => {
  const path = '/v1/workflows/flow/aliases/live';

  it('is made, shown, listed, moved and deleted', async () => {
    const made = await gateway.call('PUT', path, { routes: [{ version: 1, weight: 100 }] });
    expect(made).toMatchObject({ status: 200, body: { name: 'live', workflow: 'flow', routes: [{ version: 1 }] } });
    const routes = [
      { version: 1, weight: 0 },
      { version: 2, weight: 100 },
    ];
    await gateway.call('PUT', path, { routes });
    expect((await gateway.call('GET', path)).body.routes).toEqual(routes);
    expect((await gateway.call('GET', '/v1/workflows/flow/aliases')).body.items).toHaveLength(1);
    const started = await start('flow', { alias: 'live' });
    expect(started.body).toMatchObject({ version: 2, alias: 'live', status: 'SUCCEEDED', output: 'two' });
    expect((await gateway.call('DELETE', path)).status).toBe(204);
    expect(await gateway.call('GET', path)).toMatchObject({ status: 404, body: { code: 'alias_not_found' } });
  });

  it('is refused with each broken rule', async () => {
    const wrong = await gateway.call('PUT', path, { routes: [{ version: 1, weight: 60 }], more: 1 });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors).toContainEqual({ pointer: '/more', message: 'is not a known field' });
    expect((await gateway.call('PUT', `${path}:x`, {})).status).toBe(400);
    const both = await start('flow', { alias: 'live', version: 1 });
    expect(both.body.errors).toEqual([{ pointer: '/alias', message: 'must not be given together with version' }]);
  });
});

describe('a start that waits', () => {
  it('answers with the output, or with the error and its cause', async () => {
    expect(await start('flow', {}, '?wait=5')).toMatchObject({
      status: 201,
      body: { status: 'SUCCEEDED', output: 'two' },
    });
    expect(await start('fails', {}, '?wait=5')).toMatchObject({
      status: 201,
      body: { status: 'FAILED', error: 'No', cause: 'because' },
    });
  });

  it('answers with the address of the execution when the wait is over', async () => {
    const answer = await start('waits', {}, '?wait=0.05');
    expect(answer).toMatchObject({ status: 202, body: { status: 'RUNNING' } });
    expect(answer.headers.get('location')).toBe(`/v1/executions/${answer.body.id}`);
    await gateway.call('POST', `/v1/executions/${answer.body.id}/stop`);
  });

  it('leaves the execution alone when the caller hangs up', async () => {
    const leaving = new AbortController();
    const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: '{"name":"left"}', signal: leaving.signal };
    const calling = gateway.fetch('/v1/workflows/waits/executions?wait=60', init).catch((error: Error) => error.name);
    await until(async () => (await list('namePrefix=left')).length === 1);
    leaving.abort();
    expect(await calling).toBe('AbortError');
    const { body } = await gateway.call('GET', '/v1/executions?namePrefix=left');
    expect(body.items[0].status).toBe('RUNNING');
    await gateway.call('POST', `/v1/executions/${body.items[0].id}/stop`);
  });
});

describe('the list of executions', () => {
  it('is narrowed by workflow, status, name and time', async () => {
    for (const name of ['a-1', 'a-2', 'b-1']) await start('flow', { name });
    await start('fails', { name: 'a-3' });
    expect(await list('namePrefix=a-')).toEqual(['a-3', 'a-2', 'a-1']);
    expect(await list('namePrefix=a-&workflow=flow')).toEqual(['a-2', 'a-1']);
    expect(await list('namePrefix=a-&status=FAILED')).toEqual(['a-3']);
    const { body } = await gateway.call('GET', '/v1/executions?namePrefix=a-2');
    const at = encodeURIComponent(body.items[0].startedAt);
    expect(await list(`namePrefix=a-&startedBefore=${at}`)).toEqual(['a-1']);
    expect(await list(`namePrefix=a-&startedAfter=${at}`)).toEqual(['a-3', 'a-2']);
    const wrong = await gateway.call('GET', '/v1/executions?startedAfter=yesterday');
    expect(wrong.body.errors).toEqual([
      { pointer: '/query/startedAfter', message: 'must be a time like 2026-01-31T12:00:00Z' },
    ]);
  });

  it('is read on from where a page ended, whatever was started since', async () => {
    const first = await gateway.call('GET', '/v1/executions?namePrefix=a-&limit=2');
    await start('flow', { name: 'a-4' });
    expect(await list(`namePrefix=a-&limit=2&cursor=${first.body.nextCursor}`)).toEqual(['a-1']);
  });

  it('of a trigger that is not there is refused', async () => {
    const answer = await gateway.call('GET', '/v1/executions?trigger=none');
    expect(answer).toMatchObject({ status: 404, body: { code: 'trigger_not_found' } });
  });
});
