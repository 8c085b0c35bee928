import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';
import { type Attack, attacksOn, type Operation } from '../support/hostile/attacks.js';
import { BODIES } from '../support/hostile/bodies.js';
import type { Schemas } from '../support/hostile/examples.js';

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const HANG_MS = 90_000;
const HELD_MS = 2_000;
/** These wait for something to happen, if they are asked to. */
const HOLDS = /\/(tasks|poll|invocations|executions)\b/;
const MAX_ANSWER_CHARS = 150_000;
/** Of tens of thousands of attacks so many an operation, other ones each day. */
const EACH = 16;
/** The same each time: what a new one finds is no fault of who changed something today. */
const SEED = Number(process.env['SPOOL_TEST_SEED'] ?? 20_779);

let gateway: TestGateway;
let paths: [string, Record<string, Operation>][];
let schemas: Schemas;
let known: Record<string, string>;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

beforeAll(async () => {
  gateway = await startTestGateway();
  const { body } = await gateway.call('GET', '/openapi.json');
  paths = Object.entries(body.paths);
  schemas = body.components.schemas;
  for (const route of ['/v1/functions', '/v1/workflows', '/v1/triggers']) {
    const { status, text } = await gateway.call('POST', route, BODIES[route]?.[0]);
    expect([route, status, text]).toEqual([route, 201, expect.any(String)]);
  }
  await gateway.call('POST', '/v1/activities', { name: 'a' });
  const execution = (await gateway.call('POST', '/v1/workflows/w/executions?wait=30')).body.id;
  const invocation = (await gateway.call('POST', '/v1/functions/f/invocations?mode=async')).body.id;
  const machine = { name: 'e', labels: [], capacity: { slots: 1, memoryMb: 1, vcpu: 1 }, version: '1' };
  const token = { authorization: `Bearer ${EXECUTOR_TOKEN}` };
  const { executorId } = (await gateway.call('POST', '/worker/v1/executors', machine, token)).body;
  known = {
    '/v1/workflows/': 'w',
    '/v1/functions/': 'f',
    '/v1/triggers/': 't',
    '/v1/activities/': 'a',
    '/v1/executions/': execution,
    '/v1/invocations/': invocation,
    '/worker/v1/executors/': executorId,
    '/worker/v1/tasks/': invocation,
    '/v1/topics/': 'o',
    '/v1/buckets/': 'films',
    '/hooks/': 'default',
  };
});
afterAll(async () => {
  agent.destroy();
  await gateway?.close();
});

function send({ method, path, type, body }: Attack): Promise<Reply> {
  const token = path.startsWith('/worker/') ? EXECUTOR_TOKEN : gateway.key;
  const headers = { authorization: `Bearer ${token}`, ...(type !== undefined && { 'content-type': type }) };
  return new Promise((resolve, reject) => {
    const sent = request(gateway.url + path, { method, headers, agent }, (response) => {
      const { statusCode: status = 0, headers: got } = response;
      const answer = { status, type: String(got['content-type']) };
      let text = '';
      if (answer.type.startsWith('text/event-stream')) {
        sent.destroy();
        return resolve({ ...answer, text });
      }
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ ...answer, text }));
    });
    sent.setTimeout(HOLDS.test(path) ? HELD_MS : HANG_MS, () => {
      resolve(HOLDS.test(path) ? { status: 202, type: 'held', text: '' } : { status: 0, type: 'hangs', text: '' });
      sent.destroy();
    });
    sent.on('error', reject).end(body);
  });
}

/** What is wrong with an answer. */
function complaint({ status, type, text }: Reply): string | undefined {
  if (text.length > MAX_ANSWER_CHARS && status >= 400) return `${status} with ${text.length} characters`;
  if (status >= 200 && status < 400) return undefined;
  if (status >= 500 || status === 0) return `${status} ${type} ${text}`;
  if (!type.includes('application/problem+json')) return `${status} is no problem: ${type} ${text}`;
  const { code, errors, detail } = JSON.parse(text);
  if (typeof code !== 'string' || typeof detail !== 'string') return `${status} has no code: ${text}`;
  return code === 'invalid_request' && !(errors?.length > 0) ? `${status} names no field: ${text}` : undefined;
}

/** Numerical Recipes' generator: the same attacks for the same seed. */
function* numbers(seed: number): Generator<number, never> {
  for (let n = seed >>> 0; ; n = (Math.imul(n, 1_664_525) + 1_013_904_223) >>> 0) yield n / 2 ** 32;
}

function sample<Item>(all: readonly Item[], many: number, random: Generator<number, never>): Item[] {
  const at = Array.from({ length: many }, () => Math.floor(random.next().value * all.length));
  return [...new Set(at)].map((index) => all[index] as Item);
}

const publish = (message: object) => gateway.call('POST', '/v1/topics/o/messages', { messages: [message] });

/** What is deleted is not there for the others. */
const harmless = ({ method, path }: Attack): boolean => method !== 'DELETE' || /%|xxx/.test(path);

describe('whatever is sent', () => {
  it(`is answered, and with a problem that says what is wrong if it is (seed ${SEED})`, async () => {
    const random = numbers(SEED);
    const attacks = paths.flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) => {
        const target = { path, method: method.toUpperCase(), operation, schemas, known };
        return sample([...attacksOn(target)].filter(harmless), EACH, random);
      }),
    );
    expect(attacks.length).toBeGreaterThan(1_000);
    const queue = attacks.values();
    const complaints: string[] = [];
    const attacker = async (): Promise<void> => {
      for (const attack of queue) {
        const wrong = await send(attack).then(complaint, String);
        if (wrong) complaints.push(`${JSON.stringify(attack).slice(0, 2_000)} => ${wrong.slice(0, 500)}`);
      }
    };
    await Promise.all([attacker(), attacker(), attacker(), attacker()]);
    expect(complaints).toEqual([]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect((await gateway.call('GET', '/health/ready')).status).toBe(200);
    expect((await gateway.call('POST', '/v1/workflows/w/executions?wait=30')).body.status).toBe('SUCCEEDED');
  }, 900_000);
});

describe('text that Postgres cannot hold', () => {
  it('is refused wherever it stands in a body, with its place', async () => {
    const retry = { onFailure: { topic: 'a\0b' } };
    expect(await gateway.call('PUT', '/v1/functions/f/event-invoke-config', retry)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/onFailure/topic', message: 'must not contain NUL or half of a surrogate pair' }] },
    });
    const environment = '{"name":"f","runtime":"command","command":["true"],"environment":{"A":"\\ud800"}}';
    expect(await gateway.call('POST', '/v1/functions', environment)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/environment/A' }] },
    });
    const paired = { name: 'paired', runtime: 'command', command: ['echo', '🎬'] };
    const escaped = JSON.stringify(paired).replace('🎬', '\\ud83c\\udfac');
    expect((await gateway.call('POST', '/v1/functions', escaped)).status).toBe(201);
  });

  it('is refused in an address', async () => {
    expect(await gateway.call('GET', '/v1/events?source=a%00')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/source' }] },
    });
    expect(await gateway.call('POST', '/hooks/a%00b/x')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/path/namespace' }] },
    });
  });

  it('is refused in what goes with a message, whose value may be anything', async () => {
    expect((await publish({ key: '\0', value: 1 })).body.errors).toMatchObject([{ pointer: '/messages/0/key' }]);
    expect((await publish({ value: 1, headers: { h: '\0' } })).body.errors).toMatchObject([
      { pointer: '/messages/0/headers/h' },
    ]);
    expect((await publish({ value: 'a\0b' })).status).toBe(200);
  });

  it('goes to the dead letters if a store tells of it', async () => {
    const record = {
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-01-01T00:00:00Z',
      s3: { bucket: { name: 'films' }, object: { key: 'a', eTag: '\ud800' } },
    };
    const countLetters = async (): Promise<number> => {
      const { items } = (await gateway.call('GET', '/v1/dead-letters?limit=500')).body;
      return items.filter(({ kind }: { kind: string }) => kind === 'notification').length;
    };
    const before = await countLetters();
    const answer = await gateway.call('POST', '/v1/hooks/s3', { Records: [record, ...Array(500).fill(0)] });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 0, quarantined: 501 } });
    expect((await countLetters()) - before).toBe(101);
  });
});

const jsonata = (state: object) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: { A: { Type: 'Pass', End: true, ...state } },
});
const jsonPath = (text: string) => ({
  StartAt: 'A',
  States: { A: { Type: 'Pass', Parameters: { 'x.$': text }, End: true } },
});

describe('an expression that makes text which Postgres cannot hold', () => {
  it.each<[string, object]>([
    ['in an output', jsonata({ Output: "{% $base64decode('AA==') %}" })],
    ['as the name of a field', jsonata({ Output: "{% {$base64decode('AA=='): 1} %}" })],
    ['in a variable', jsonata({ Assign: { halves: "{% $split('🎬', '') %}" } })],
    ['for a topic', jsonata({ Type: 'Task', Resource: 'topic:o', Arguments: "{% $base64decode('AA==') %}" })],
    ['by an intrinsic function', jsonPath("States.Base64Decode('AA==')")],
    ['out of JSON', jsonPath(`States.StringToJson('"\\\\u0000"')`)],
  ])('%s fails its execution, and no turn of it comes again and again', async (_where, definition) => {
    await gateway.call('POST', '/v1/workflows', { name: 'nul', definition });
    const { status, body } = await gateway.call('POST', '/v1/workflows/nul/executions?wait=60', {});
    expect({ status, ...body }).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^States\./) });
  });

  it('is not made by a cut through the cause of a failure either', async () => {
    const Cause = `${'x'.repeat(32_767)}🎬`;
    const definition = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Long', Cause } } };
    await gateway.call('POST', '/v1/workflows', { name: 'nul', definition });
    const { body } = await gateway.call('POST', '/v1/workflows/nul/executions?wait=60', {});
    expect(body).toMatchObject({ status: 'FAILED', error: 'Long', cause: `${'x'.repeat(32_767)}\uFFFD` });
  });
});

describe('a body', () => {
  it('that is nested too deep is refused, wherever it is read', async () => {
    const deep = '['.repeat(5_000) + ']'.repeat(5_000);
    for (const path of ['/v1/workflows/w/executions', '/v1/functions/f/invocations', '/v1/events']) {
      expect([path, await gateway.call('POST', path, `{"input":${deep}}`)]).toMatchObject([
        path,
        { status: 400, body: { errors: [{ pointer: '', message: expect.stringContaining('levels deep') }] } },
      ]);
    }
  });

  it('with very much wrong is told no more of it than a person reads', async () => {
    const handler = 'x'.repeat(200_000);
    const answer = await gateway.call('POST', '/v1/functions', { name: 'f', runtime: 'nodejs', handler, files: {} });
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThan(20_000);
  });
});

describe('an address', () => {
  it('that no route can be looked up by is answered as any other', async () => {
    for (const [path, status, code] of [
      ['/v1/workflows/%ff', 400, 'bad_request'],
      [`/v1/workflows/${'x'.repeat(4_000)}`, 414, 'address_too_long'],
    ] as const) {
      const answer = await gateway.call('GET', path);
      expect(answer).toMatchObject({ status, body: { code, requestId: expect.any(String) } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
    }
  });

  it('with a cursor of another list, or of nobody, is refused', async () => {
    const cursor = Buffer.from('["2026-01-01T00:00:00Z","x"]').toString('base64url');
    for (const list of ['executions', 'invocations', 'dead-letters', 'events']) {
      expect([list, (await gateway.call('GET', `/v1/${list}?cursor=${cursor}`)).body]).toMatchObject([
        list,
        { code: 'invalid_request', errors: [{ pointer: '/query/cursor' }] },
      ]);
    }
  });
});

/** The first line of what is answered. */
const first = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(HANG_MS, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject).once('data', (data) => {
      resolve(data.toString().split('\r\n')[0] ?? '');
      socket.destroy();
    });
  });

const post = (headers: string, body: string) =>
  `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\n${headers}\r\n\r\n${body}`;

describe('a connection', () => {
  it.each([
    ['more headers than anybody reads', () => `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}`, /431/],
    ['two lengths', () => post('Content-Length: 2\r\nContent-Length: 3', '{}'), /400/],
    ['a length and chunks', () => post('Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), /400/],
    ['chunks whose length is a lie', () => post('Transfer-Encoding: chunked', 'zz\r\n{}\r\n'), /400/],
    ['a line break in a header', () => post('X-Request-Id: a\nb', ''), /400/],
    ['no HTTP at all', () => '\0\x01\xff\r\n\r\n', /400/],
  ])('with %s is refused', async (_what, bytes, status) => {
    expect(await first(bytes())).toMatch(status);
  });

  it('may not take for ever to send a request', () => {
    const { headersTimeout, requestTimeout } = gateway.app.getHttpServer();
    expect(headersTimeout).toBeGreaterThan(0);
    expect(requestTimeout).toBeGreaterThan(0);
  });
});
