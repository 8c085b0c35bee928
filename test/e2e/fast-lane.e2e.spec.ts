import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.js';
import { startTestExecutor, type TestExecutor } from '../support/executor.js';
import { eventually } from '../support/standalone.js';

let gateway: TestGateway;
let executor: TestExecutor;
beforeAll(async () => {
  gateway = await startTestGateway();
  executor = await startTestExecutor(gateway);
});
afterAll(async () => {
  await executor?.stop();
  await gateway?.close();
});

const CODE = `
import { writeFileSync, readdirSync } from 'node:fs';
let n = 0;
export const handler = async (event, context) => {
  n++;
  if (event.print) { console.log(event.print); console.error('and ' + event.print); }
  if (event.fails) throw new TypeError(event.fails);
  if (event.percent) await context.progress({ percent: event.percent });
  if (event.ms) await new Promise((resolve) => setTimeout(resolve, event.ms));
  const seen = readdirSync('.').toSorted();
  if (event.writes) writeFileSync(event.writes, 'x');
  return { n, event, seen, client: context.clientContext, id: context.awsRequestId, task: process.env.SPOOL_TASK_ID, process: process.pid };
};`;

const deploy = (name: string, more: object = {}) =>
  gateway.call('POST', '/v1/functions', {
    name,
    runtime: 'nodejs',
    files: { 'index.mjs': CODE },
    memoryMb: 128,
    vcpu: 0.5,
    ...more,
  });
const invoke = (name: string, event: unknown = {}, query = ''): Promise<Answer> =>
  gateway.call('POST', `/v1/functions/${name}/invocations${query}`, event);
const record = async (id: string) => (await gateway.call('GET', `/v1/invocations/${id}`)).body;
const instancesOf = async (name: string): Promise<{ state: string; lastError?: string }[]> =>
  (await gateway.call('GET', `/v1/instances?function=${name}`)).body.items;

/** Until its calls go past the queue. */
const warm = (name: string): Promise<unknown> =>
  eventually(async () => (await record((await invoke(name)).body.id)).lane === 'fast');

describe('a call of a warm function', () => {
  it('goes past the queue, and is recorded with what it was given, gave and took', async () => {
    await deploy('counts');
    await warm('counts');
    const [first, second] = [await invoke('counts', { a: 'ü' }), await invoke('counts')];
    expect(second.body.output).toMatchObject({ n: first.body.output.n + 1, process: first.body.output.process });
    expect(first.body.output).toMatchObject({ id: first.body.id, task: first.body.id, event: { a: 'ü' } });
    const kept = await record(first.body.id);
    expect(kept).toMatchObject({
      function: 'counts',
      version: 1,
      status: 'SUCCEEDED',
      lane: 'fast',
      attempt: 1,
      input: { a: 'ü' },
      output: first.body.output,
      usage: {
        wallMs: expect.any(Number),
        ending: 'answered',
        eventBytes: Buffer.byteLength('{"a":"ü"}'),
        resultBytes: Buffer.byteLength(JSON.stringify(first.body.output)),
      },
    });
    await eventually(async () => {
      const { items } = (await gateway.call('GET', '/v1/invocations?function=counts&status=SUCCEEDED&limit=500')).body;
      return items.some(({ id }: { id: string }) => id === second.body.id);
    });
    const metrics = (await gateway.call('GET', '/metrics')).text;
    expect(metrics).toMatch(
      /spool_invocation_duration_seconds_count\{function="counts",lane="fast",status="SUCCEEDED"\} \d/,
    );
  });

  it('goes past the queue however long its caller waits, and with whichever version is asked for', async () => {
    await deploy('waits');
    await warm('waits');
    for (const query of [
      '?waitSeconds=90',
      '?waitSeconds=1',
      '?mode=sync&waitSeconds=900&cache=off',
      '?qualifier=$LATEST',
    ])
      expect([query, (await record((await invoke('waits', {}, query)).body.id)).lane]).toEqual([query, 'fast']);
    const open = await invoke('waits', { ms: 60_000 }, '?waitSeconds=1');
    expect(open).toMatchObject({ status: 202, body: { status: 'RUNNING' } });
    await gateway.call('POST', `/v1/invocations/${open.body.id}/cancel`);
  });

  it('has what its caller said about itself in its context, as one that goes through the queue has', async () => {
    await deploy('hears');
    await warm('hears');
    const context = { custom: { who: 'Zoë' } };
    const headers = { 'x-amz-client-context': Buffer.from(JSON.stringify(context)).toString('base64') };
    const path = '/v1/functions/hears/invocations';
    const { body } = await gateway.call('POST', path, {}, headers);
    expect([body.output.client, (await record(body.id)).lane]).toEqual([context, 'fast']);
    expect((await invoke('hears')).body.output.client).toBeUndefined();
    const { body: later } = await gateway.call('POST', `${path}?mode=async`, {}, headers);
    const ended = await eventually(async () => (await record(later.id)).output);
    expect(ended.client).toEqual(context);
    for (const mode of ['sync', 'async']) {
      const refused = await gateway.call('POST', `${path}?mode=${mode}`, {}, { 'x-amz-client-context': 'no!' });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/header/X-Amz-Client-Context' }] } });
    }
    const plain = await gateway.call('POST', path, {}, { 'x-amz-client-context': 'no!' });
    expect(plain).toMatchObject({ status: 400, body: { errors: [{ pointer: '/header/X-Amz-Client-Context' }] } });
  });

  it('tells what the handler threw, and its lines are found', async () => {
    await deploy('throws');
    await warm('throws');
    const { body } = await invoke('throws', { fails: 'no', print: 'a line' });
    expect(body).toMatchObject({ status: 'FAILED', error: 'TypeError', cause: expect.stringContaining('no') });
    const lines = await eventually(async () => {
      const { items } = (await gateway.call('GET', `/v1/invocations/${body.id}/logs`)).body;
      return items.length === 2 && items;
    });
    expect(lines).toMatchObject([
      { stream: 'stdout', line: 'a line' },
      { stream: 'stderr', line: 'and a line' },
    ]);
    expect(await record(body.id)).toMatchObject({ status: 'FAILED', error: 'TypeError', lane: 'fast' });
  });

  it('is seen at its instance while it runs, and its error afterwards', async () => {
    await deploy('seen');
    await warm('seen');
    const answer = invoke('seen', { ms: 60_000 });
    await eventually(async () => (await instancesOf('seen')).some(({ state }) => state === 'busy'));
    const { id } = await eventually(async () => {
      const { items } = (await gateway.call('GET', '/v1/invocations?function=seen&status=RUNNING')).body;
      return items[0];
    });
    await gateway.call('POST', `/v1/invocations/${id}/cancel`);
    await answer;
    await warm('seen');
    await invoke('seen', { fails: 'no' });
    await eventually(async () =>
      (await instancesOf('seen')).some((one) => one.state === 'idle' && one.lastError === 'TypeError'),
    );
  });

  it('finds the folder empty, whatever the one before has written', async () => {
    await deploy('writes');
    await warm('writes');
    const clean = (await invoke('writes')).body.output.seen;
    for (const writes of ['file', 'tmp/file', 'outputs/file']) await invoke('writes', { writes });
    expect((await invoke('writes')).body.output.seen).toEqual(clean);
  });

  it('is killed at its timeout, with the record of it, and the next has an instance of its own', async () => {
    await deploy('slow', { timeoutSeconds: 1 });
    await warm('slow');
    const before = (await invoke('slow')).body.output.process;
    const { body } = await invoke('slow', { ms: 60_000 });
    expect(body).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect(await record(body.id)).toMatchObject({
      status: 'TIMED_OUT',
      lane: 'fast',
      usage: { kill: { reason: 'timeout', processesLeft: 0, leaseFenced: true, scratch: { freed: true } } },
    });
    expect((await invoke('slow')).body.output.process).not.toBe(before);
  });

  it('that takes long is seen while it runs, and can be cancelled', async () => {
    await deploy('long');
    await warm('long');
    const answer = invoke('long', { ms: 60_000, percent: 40 });
    const running = await eventually(async () => {
      const { items } = (await gateway.call('GET', '/v1/invocations?function=long&status=RUNNING')).body;
      return items.find((item: { lane: string; progress?: object }) => item.lane === 'fast' && item.progress);
    });
    expect(running.progress).toEqual({ percent: 40 });
    await gateway.call('POST', `/v1/invocations/${running.id}/cancel`);
    expect((await answer).body).toMatchObject({ id: running.id, status: 'CANCELLED', error: 'Task.Cancelled' });
    const kept = await eventually(async () => {
      const found = await record(running.id);
      return found.usage && found;
    });
    expect(kept).toMatchObject({ status: 'CANCELLED', usage: { kill: { reason: 'cancelled', processesLeft: 0 } } });
  });

  it('is answered with 202 when it does not end in the time its caller waits', async () => {
    await deploy('later');
    await warm('later');
    const { status, headers, body } = await invoke('later', { ms: 3_000 }, '?waitSeconds=1');
    expect([status, headers.get('location')]).toEqual([202, `/v1/invocations/${body.id}`]);
    const ended = await eventually(async () => {
      const found = await record(body.id);
      return found.status !== 'RUNNING' && found;
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { event: { ms: 3_000 } } });
  });

  it('is served by as many instances as there is room for', async () => {
    await deploy('many');
    await warm('many');
    const answers = await Promise.all(Array.from({ length: 6 }, () => invoke('many', { ms: 200 })));
    expect(answers.every(({ body }) => body.status === 'SUCCEEDED')).toBe(true);
    expect(new Set(answers.map(({ body }) => body.output.process)).size).toBe(2);
  });
});

describe('a call that is not for the fast lane', () => {
  it.each([
    ['asynchronous ones', '?mode=async', {}],
    ['of a function with objects', '', { inputs: { file: '$.file' } }],
  ])('goes through the queue: %s', async (_, query, more) => {
    const name = `queued-${Object.keys(more).length}`;
    await deploy(name, more);
    for (let n = 0; n < 3; n++) {
      const { id } = (await invoke(name, {}, query)).body;
      const ended = await eventually(async () => {
        const found = await record(id);
        return found.status === 'SUCCEEDED' && found;
      });
      expect(ended.lane).toBe('queue');
    }
  });
});

const problem = async (answer: Promise<Answer>) => {
  const { status, headers, body } = await answer;
  const { requestId: _, ...rest } = body;
  const seen = [...headers.keys()].filter((name) => !['date', 'keep-alive', 'connection'].includes(name)).toSorted();
  return { status, seen, rest };
};

const namesOf = (answer: Answer) => [...answer.headers.keys()].toSorted();

describe('the two doors of a call', () => {
  it('answer alike', async () => {
    await deploy('door-warm');
    await deploy('door-cold');
    await warm('door-warm');
    const asks: [unknown, Record<string, string>?][] = [
      ['{"a":'],
      ['{"__proto__":1}'],
      ['["\\u0000"]'],
      ['{}', { authorization: 'Bearer nobody' }],
      ['{}', { 'content-type': 'text/plain' }],
    ];
    for (const [body, headers] of asks) {
      const [lean, framework] = await Promise.all(
        ['door-warm', 'door-cold'].map((name) =>
          problem(gateway.call('POST', `/v1/functions/${name}/invocations`, body, headers)),
        ),
      );
      expect(lean).toEqual(framework);
    }
    const [lean, framework] = [await invoke('door-warm'), await invoke('door-warm', {}, '?mode=sync&waitSeconds=30')];
    expect(namesOf(lean)).toEqual(namesOf(framework));
    expect(Object.keys(lean.body)).toEqual(Object.keys(framework.body));
  });
});

describe('when the executor goes away', () => {
  it('a call in the middle ends with an error that says so, and is not run again', async () => {
    await deploy('lost');
    await warm('lost');
    const answer = invoke('lost', { ms: 60_000 });
    await eventually(async () => {
      const { items } = (await gateway.call('GET', '/v1/invocations?function=lost&status=RUNNING')).body;
      return items.length === 1;
    });
    await executor.stop();
    executor = await startTestExecutor(gateway);
    const { body } = await answer;
    expect(body).toMatchObject({ status: 'FAILED', error: 'Executor.Lost' });
    await warm('counts');
  });
});
