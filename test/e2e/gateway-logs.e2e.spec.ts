import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let id: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.call('POST', '/v1/functions', { name: 'f', runtime: 'command', command: ['true'] });
  ({ id } = (await gateway.call('POST', '/v1/functions/f/invocations?mode=async', {})).body);
  await gateway.database.query(sql`update task set status = 'RUNNING', attempt = 1, run_at = now() + interval '1 h'`);
});
afterAll(() => gateway.close());

const write = (line: string) =>
  gateway.call(
    'POST',
    `/worker/v1/tasks/${id}/logs`,
    { attempt: 1, lines: [{ stream: 'stdout', line, atMs: 1_000 }] },
    { authorization: `Bearer ${EXECUTOR_TOKEN}` },
  );
const follow = (headers: Record<string, string> = {}) =>
  gateway.fetch(`/v1/invocations/${id}/logs/events`, {
    headers: { authorization: `Bearer ${gateway.key}`, ...headers },
  });

describe('the lines of a run, followed live', () => {
  it('come as they are written, with ids to go on behind, and end with the run', async () => {
    await write('before');
    const { body, headers } = await follow();
    expect(headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (text.includes('before') && !text.includes('while')) await write('while');
      if (text.includes('while') && !text.includes('last')) {
        await write('last');
        await gateway.database.query(sql`update task set status = 'SUCCEEDED', ended_at = now()`);
      }
    }
    const lines = [...text.matchAll(/event: line\nid: (\d+)\ndata: (.*)\n/g)];
    expect(new Set(lines.map(([, , data = '{}']) => JSON.parse(data).line))).toEqual(
      new Set(['before', 'while', 'last']),
    );
    expect(text.trimEnd()).toMatch(/event: end\ndata: {"status":"SUCCEEDED"}$/);
    const rest = await (await follow({ 'last-event-id': lines.at(-2)?.[1] ?? '' })).text();
    expect(rest.match(/event: line/g)).toHaveLength(1);
  });

  it('are not shown to who may not see the run', async () => {
    const { status } = await gateway.fetch(`/v1/invocations/${id}/logs/events`);
    expect(status).toBe(401);
    expect((await gateway.call('GET', '/v1/invocations/0199a000-0000-7000-8000-000000000001/logs/events')).status).toBe(
      404,
    );
  });
});
