import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';

const work = { name: 'work', runtime: 'nodejs', files: { 'index.js': 'exports.handler = async (event) => event' } };
const definition = {
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: 'function:work', Next: 'Rest' }, Rest: { Type: 'Pass', End: true } },
};
const free = { slots: 10, memoryMb: 100_000, vcpu: 100 };

let gateway: TestGateway;
let executorId: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.call('POST', '/v1/functions', work);
  await gateway.call('POST', '/v1/workflows', { name: 'flow', definition });
  const executor = { name: 'by-hand', labels: ['cpu'], capacity: free, version: '1' };
  executorId = (await worker('executors', executor)).body.executorId;
});
afterAll(() => gateway?.close());

const worker = (path: string, body: unknown): Promise<Answer> =>
  gateway.call('POST', `/worker/v1/${path}`, body, { authorization: `Bearer ${EXECUTOR_TOKEN}` });
const poll = (more: object = {}): Promise<Answer> =>
  worker(`executors/${executorId}/poll`, { free, running: [], results: [], waitMs: 5_000, ...more });
const succeed = (task: { id: string; attempt: number }, output: unknown) => {
  const result = { id: task.id, attempt: task.attempt, status: 'SUCCEEDED', output, outputs: [], usage: { wallMs: 1 } };
  return poll({ results: [result], waitMs: 0 });
};

interface Message {
  readonly event: string;
  readonly id: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

async function* follow(id: string, headers: Record<string, string> = {}): AsyncGenerator<Message> {
  const all = { authorization: `Bearer ${gateway.key}`, ...headers };
  const response = await gateway.fetch(`/v1/executions/${id}/events`, { headers: all });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
      const data = field('data');
      if (data !== undefined) yield { event: field('event') ?? '', id: field('id'), data: JSON.parse(data) };
    }
  }
}

const previous = ({ previousEventId }: { previousEventId: number }) => previousEventId;

describe('an execution', () => {
  it('is started, followed live, worked on and described', async () => {
    const started = await gateway.call('POST', '/v1/workflows/flow/executions', { name: 'first', input: { n: 1 } });
    expect(started).toMatchObject({
      status: 201,
      body: { name: 'first', workflow: 'flow', version: 1, status: 'RUNNING' },
    });
    const { id } = started.body;
    const messages: Message[] = [];
    const following = (async () => {
      for await (const message of follow(id)) messages.push(message);
    })();
    const [task] = (await poll()).body.tasks;
    expect(task).toMatchObject({
      function: { name: 'work', handler: 'index.handler' },
      payload: { n: 1 },
      context: { executors: 1 },
    });
    await poll({
      running: [{ id: task.id, attempt: task.attempt, progress: { percent: 40, message: 'half' } }],
      waitMs: 0,
    });
    await worker(`tasks/${task.id}/logs`, {
      attempt: 1,
      lines: [{ stream: 'stdout', line: 'hello', atMs: Date.now() }],
    });
    await until(() => messages.some(({ data }) => data.progress?.percent === 40));
    await until(() => messages.some(({ event, data }) => event === 'progress' && data.percent === 40));
    const { body: shown } = await gateway.call('GET', `/v1/executions/${id}`);
    expect(shown.progress).toMatchObject({ percent: 40, tasks: { ended: 0, running: 1, waiting: 0 } });
    await succeed(task, { done: true });
    await following;

    expect(messages.filter(({ event }) => event === 'execution').map(({ data }) => data.status)).toEqual([
      'RUNNING',
      'SUCCEEDED',
    ]);
    expect(messages.at(-1)).toMatchObject({
      event: 'execution',
      data: { status: 'SUCCEEDED', output: { done: true } },
    });
    const invocations = messages.filter(({ event }) => event === 'invocation').map(({ data }) => data.status);
    expect([invocations[0] === 'QUEUED' || invocations[0] === 'RUNNING', invocations.at(-1)]).toEqual([
      true,
      'SUCCEEDED',
    ]);
    const history = (await gateway.call('GET', `/v1/executions/${id}/history`)).body.items;
    expect(messages.filter(({ event }) => event === 'history').map(({ data }) => data)).toEqual(history);
    expect(history[0]).toMatchObject({ id: 1, type: 'ExecutionStarted' });
    expect(history.at(-1)).toMatchObject({ type: 'ExecutionSucceeded' });

    const logs = await gateway.call('GET', `/v1/invocations/${task.id}/logs`);
    expect(logs.body.items).toMatchObject([{ stream: 'stdout', line: 'hello', attempt: 1 }]);
    const listed = await gateway.call('GET', `/v1/invocations?execution=${id}`);
    expect(listed.body.items).toMatchObject([
      { id: task.id, function: 'work', version: 1, stateName: 'Work', status: 'SUCCEEDED' },
    ]);
  });

  it('tells its history in reverse, in pages, and without data', async () => {
    const { id } = (await gateway.call('GET', '/v1/executions')).body.items.at(-1);
    const read = async (query: string) => (await gateway.call('GET', `/v1/executions/${id}/history?${query}`)).body;
    const { items: forwards } = await read('');
    const backwards: { id: number }[] = [];
    for (let before = ''; ; before = `&before=${backwards.at(-1)?.id}`) {
      const { items } = await read(`reverseOrder=true&limit=3${before}`);
      if (items.length === 0) break;
      backwards.push(...items);
    }
    expect(backwards.toReversed()).toEqual(forwards);
    expect(forwards.map(previous)).toEqual(forwards.map((_: object, n: number) => (n < 2 ? 0 : n)));
    const scheduled = forwards.find(({ type }: { type: string }) => type === 'TaskScheduled');
    expect(scheduled.details).toMatchObject({ region: 'eu-west-3' });
    const { items: bare } = await read('includeExecutionData=false');
    expect(bare.map(previous)).toEqual(forwards.map(previous));
    expect(bare.map(({ type }: { type: string }) => type)).toEqual(forwards.map(({ type }: { type: string }) => type));
    expect(JSON.stringify(bare)).not.toMatch(/"(input|output|parameters)"/);
    for (const [query, pointer] of [
      ['reverseOrder=yes', '/query/reverseOrder'],
      ['before=3', '/query/before'],
      ['reverseOrder=true&after=3', '/query/after'],
    ] as const)
      expect(await read(query)).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  it('goes on behind the last event that a reader has seen', async () => {
    const { id } = (await gateway.call('GET', '/v1/executions')).body.items.at(-1);
    const ids: string[] = [];
    for await (const { event, id: eventId } of follow(id, { 'last-event-id': '3' }))
      if (event === 'history') ids.push(eventId ?? '');
    expect(ids[0]).toBe('4');
  });

  it('is the same one when it is started again with the same name and input while it runs, and no other otherwise', async () => {
    const start = (input: unknown) => gateway.call('POST', '/v1/workflows/flow/executions', { name: 'twice', input });
    const first = await start({ a: 1 });
    expect((await start({ a: 1 })).body.id).toBe(first.body.id);
    expect(await start({ a: 2 })).toMatchObject({ status: 409, body: { code: 'execution_already_exists' } });
    const stopped = await gateway.call('POST', `/v1/executions/${first.body.id}/stop`, { error: 'Enough' });
    expect(stopped.body).toMatchObject({ status: 'ABORTED', error: 'Enough' });
    expect(await start({ a: 1 })).toMatchObject({
      status: 409,
      body: { code: 'execution_already_exists', id: first.body.id },
    });
  });

  it('is listed in pages, each once', async () => {
    for (let n = 0; n < 5; n++) await gateway.call('POST', '/v1/workflows/flow/executions', { name: `page-${n}` });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await gateway.call('GET', `/v1/executions?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength((await gateway.call('GET', '/v1/executions')).body.items.length);
    for (const id of seen) await gateway.call('POST', `/v1/executions/${id}/stop`);
  });

  it('is counted while it runs, and when it did not succeed', async () => {
    const pass = { StartAt: 'A', States: { A: { Type: 'Succeed' } } };
    await gateway.call('POST', '/v1/workflows', { name: 'pass', definition: pass });
    const counts = async () => {
      const { text } = await gateway.call('GET', '/metrics');
      return [...text.matchAll(/^spool_executions\{status="(\w+)"\} (\d+)$/gm)].map(([, ...pair]) => pair).toSorted();
    };
    const stopped = (await gateway.call('GET', '/v1/executions?status=ABORTED&limit=200')).body.items.length;
    expect(await gateway.call('POST', '/v1/workflows/pass/executions?wait=30')).toMatchObject({
      body: { status: 'SUCCEEDED' },
    });
    const { body } = await gateway.call('POST', '/v1/workflows/flow/executions', {});
    expect(await counts()).toEqual([
      ['ABORTED', String(stopped)],
      ['RUNNING', '1'],
    ]);
    await gateway.call('POST', `/v1/executions/${body.id}/stop`);
    expect(await counts()).toEqual([
      ['ABORTED', String(stopped + 1)],
      ['RUNNING', '0'],
    ]);
  });

  it('of nobody is a problem for a reader of its stream too', async () => {
    const answer = await gateway.call('GET', '/v1/executions/00000000-0000-4000-8000-000000000000/events');
    expect(answer).toMatchObject({ status: 404, body: { code: 'execution_not_found' } });
  });
});

describe('a function', () => {
  it('is run and waited for', async () => {
    const calling = gateway.call('POST', '/v1/functions/work/invocations', { n: 7 });
    const [task] = (await poll()).body.tasks;
    expect(task.payload).toEqual({ n: 7 });
    await succeed(task, { seven: true });
    expect(await calling).toMatchObject({
      status: 200,
      body: { id: task.id, status: 'SUCCEEDED', output: { seven: true } },
    });
  });

  it('is run without waiting, cancelled, and taken from the executor that held it', async () => {
    const queued = await gateway.call('POST', '/v1/functions/work/invocations?mode=async');
    expect(queued).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
    expect(queued.headers.get('location')).toBe(`/v1/invocations/${queued.body.id}`);
    const [task] = (await poll()).body.tasks;
    expect((await gateway.call('POST', `/v1/invocations/${task.id}/cancel`)).body.status).toBe('CANCELLED');
    const { body } = await poll({ running: [{ id: task.id, attempt: task.attempt }] });
    expect(body.cancel).toEqual([{ id: task.id, attempt: task.attempt }]);
    expect((await succeed(task, {})).body.refused).toEqual([{ id: task.id, attempt: task.attempt }]);
  });

  it('is listed with all its runs, each once, though they began at the same instant', async () => {
    const runs = 7;
    const atOnce = {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          End: true,
          ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Task', Resource: 'function:work', End: true } } },
        },
      },
    };
    await gateway.call('POST', '/v1/workflows', { name: 'at-once', definition: atOnce });
    const input = Array.from({ length: runs }, (_, n) => n);
    const { id } = (await gateway.call('POST', '/v1/workflows/at-once/executions', { input })).body;
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await gateway.call(
        'GET',
        `/v1/invocations?execution=${id}&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.items.map((run: { id: string }) => run.id));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    expect([seen.length, new Set(seen).size]).toEqual([runs, runs]);
    await gateway.call('POST', `/v1/executions/${id}/stop`);
  });

  it('that takes longer than one waits for is answered with where to ask', async () => {
    const answer = await gateway.call('POST', '/v1/functions/work/invocations?waitSeconds=0.05');
    expect(answer).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
    await gateway.call('POST', `/v1/invocations/${answer.body.id}/cancel`);
  });

  it('gets its code from the worker API, byte for byte', async () => {
    const { codeDigest } = (await gateway.call('GET', '/v1/functions/work')).body;
    const headers = { authorization: `Bearer ${EXECUTOR_TOKEN}` };
    const response = await gateway.fetch(`/worker/v1/code/${codeDigest}`, { headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(codeDigest);
    expect((await gateway.fetch(`/worker/v1/code/${'0'.repeat(64)}`, { headers })).status).toBe(404);
  });
});

describe('the end', () => {
  it('waits neither for readers of streams nor for callers who wait', async () => {
    const own = await startTestGateway();
    await own.call('POST', '/v1/functions', work);
    await own.call('POST', '/v1/workflows', { name: 'flow', definition });
    const { id } = (await own.call('POST', '/v1/workflows/flow/executions')).body;
    const headers = { authorization: `Bearer ${own.key}` };
    const stream = await own.fetch(`/v1/executions/${id}/events`, { headers });
    const reading = stream.text();
    const calling = own.call('POST', '/v1/functions/work/invocations');
    await until(async () => (await own.call('GET', '/v1/invocations')).body.items.length === 2);
    await own.close();
    expect(await reading).toContain('event: execution');
    expect((await calling).status).toBe(202);
  });
  it('does not wait for long for a caller who does not take the answer', async () => {
    const own = await startTestGateway();
    const response = await own.fetch('/docs/swagger-ui-bundle.js');
    await own.close();
    await response.body?.cancel().catch(() => {});
  });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
