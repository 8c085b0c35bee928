import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Progress } from '@app/worker-api';
import { parseStorable } from './failure.js';
import type { Invocation } from './invocation.js';
import { type Answer, MAX_RESPONSE_BYTES } from './runtime-answers.js';
import { RuntimeApi } from './runtime-api.js';

const RUNTIME = '/2018-06-01/runtime';
const progressed: Progress[] = [];
const invocation: Invocation = {
  requestId: 'r-1',
  payload: { n: 1 },
  deadlineMs: 1_700_000_000_000,
  functionArn: 'arn:x',
  inputs: { 'a b': '/ä' },
  outputs: {},
  variables: { SPOOL_TASK_ID: 'r-1' },
  onProgress: (given) => void progressed.push(given),
};

let api: RuntimeApi;
beforeEach(async () => {
  api = await RuntimeApi.listen();
});
afterEach(() => api.close());

const call = (
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = { 'spool-instance-token': api.token },
) => fetch(`http://${api.address}${path}`, { method, headers, ...(body !== undefined && { body }) });
const post = (path: string, body: string, headers?: Record<string, string>) => call('POST', path, body, headers);

/** A response whose body does not come before `end`. */
function startOfAnswer(body: string) {
  const [host, port] = api.address.split(':');
  const headers = { 'spool-instance-token': api.token, expect: '100-continue' };
  const path = `${RUNTIME}/invocation/r-1/response`;
  const sent = request({ host, port, path, method: 'POST', headers });
  sent.on('error', () => {});
  sent.flushHeaders();
  return { isAsked: once(sent, 'continue'), end: () => sent.end(body) };
}

describe('the Runtime API', () => {
  it('gives the event with the headers of AWS Lambda', async () => {
    const waiting = call('GET', `${RUNTIME}/invocation/next`);
    const answer = api.invoke(invocation);
    const next = await waiting;
    expect(next.status).toBe(200);
    expect(await next.json()).toEqual({ n: 1 });
    expect(next.headers.get('lambda-runtime-aws-request-id')).toBe('r-1');
    expect(next.headers.get('lambda-runtime-deadline-ms')).toBe('1700000000000');
    expect(JSON.parse(decodeURIComponent(next.headers.get('spool-files') ?? ''))).toEqual({
      inputs: { 'a b': '/ä' },
      outputs: {},
    });
    expect((await post(`${RUNTIME}/invocation/r-1/response`, '{"ok":true}')).status).toBe(202);
    expect(await answer).toMatchObject({ type: 'response', output: { ok: true } });
  });

  it('serves one invocation after the other', async () => {
    for (const requestId of ['one', 'two']) {
      const answer = api.invoke({ ...invocation, requestId });
      await (await call('GET', `${RUNTIME}/invocation/next`)).text();
      await post(`${RUNTIME}/invocation/${requestId}/response`, `"${requestId}"`);
      expect(await answer).toMatchObject({ output: requestId });
    }
  });

  it.each([
    ['not json', 'Function.InvalidResponse', 202],
    [`"${'x'.repeat(MAX_RESPONSE_BYTES)}"`, 'Function.ResponseSizeTooLarge', 413],
  ])('refuses a response that is %.10s', async (body, error, status) => {
    const answer = api.invoke(invocation);
    expect((await post(`${RUNTIME}/invocation/r-1/response`, body)).status).toBe(status);
    expect(await answer).toMatchObject({ type: 'error', failure: { error } });
  });

  it('turns errors into failures, with the trace', async () => {
    const answer = api.invoke(invocation);
    await post(
      `${RUNTIME}/invocation/r-1/error`,
      JSON.stringify({ errorMessage: 'm', errorType: 'T', stackTrace: ['at a'] }),
    );
    const { failure } = (await answer) as Extract<Answer, { type: 'error' }>;
    expect(failure.error).toBe('T');
    expect(JSON.parse(failure.cause)).toEqual({ errorMessage: 'm', errorType: 'T', trace: ['at a'] });
  });

  it('fails the first invocation with an error of the init phase, told before or after it', async () => {
    await post(`${RUNTIME}/init/error`, '{"errorMessage":"m","errorType":"Init"}');
    expect(await api.invoke(invocation)).toMatchObject({ type: 'error', during: 'init', failure: { error: 'Init' } });
  });
});

describe('the Runtime API, to the wrong and the too large', () => {
  it('cuts a huge error to what the wire carries', async () => {
    const answer = api.invoke(invocation);
    const stackTrace = Array.from({ length: 100 }, () => '"'.repeat(1_000));
    await post(
      `${RUNTIME}/invocation/r-1/error`,
      JSON.stringify({ errorMessage: '\u0001'.repeat(90_000), errorType: 'T'.repeat(300), stackTrace }),
    );
    const { failure } = (await answer) as Extract<Answer, { type: 'error' }>;
    expect(failure.error.length).toBe(256);
    expect(failure.cause.length).toBeLessThanOrEqual(32_768);
    expect(JSON.parse(failure.cause)).toHaveProperty('errorMessage');
  });

  it('takes progress, and only sensible progress', async () => {
    void api.invoke(invocation);
    expect((await post('/spool/2024-01/invocation/r-1/progress', '{"percent":12.5}')).status).toBe(202);
    expect((await post('/spool/2024-01/invocation/r-1/progress', '{"percent":101}')).status).toBe(400);
    expect(progressed).toEqual([{ percent: 12.5 }]);
  });

  it('takes one answer: the others are refused, and their bodies not held', async () => {
    const answer = api.invoke(invocation);
    const first = startOfAnswer('1');
    await first.isAsked;
    expect((await post(`${RUNTIME}/invocation/r-1/response`, '2')).status).toBe(400);
    expect((await post(`${RUNTIME}/invocation/r-1/error`, '{}')).status).toBe(400);
    first.end();
    expect(await answer).toMatchObject({ output: 1 });
    expect((await post(`${RUNTIME}/init/error`, '{}')).status).toBe(202);
    expect((await post(`${RUNTIME}/init/error`, '{}')).status).toBe(403);
  });

  it('has no more connections than an instance needs, however many it makes', async () => {
    const [host, port] = api.address.split(':');
    const ends = Array.from({ length: 100 }, () => {
      const socket = connect(Number(port), host);
      return new Promise<Socket | undefined>((resolve) => {
        socket.once('close', () => resolve(undefined)).once('error', () => {});
        socket.once('data', () => resolve(socket));
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      });
    });
    const served = (await Promise.all(ends)).filter((socket) => socket !== undefined);
    expect(served).toHaveLength(68);
    for (const socket of served) socket.destroy();
  });

  it('refuses strangers, wrong ids, wrong methods and unknown paths', async () => {
    void api.invoke(invocation);
    expect((await post(`${RUNTIME}/invocation/r-1/response`, '1', {})).status).toBe(403);
    expect((await post(`${RUNTIME}/invocation/r-2/response`, '1')).status).toBe(400);
    expect((await call('GET', `${RUNTIME}/invocation/r-1/response`)).status).toBe(405);
    expect((await post('/spool/2024-01/invocation/r-1/response', '1')).status).toBe(404);
    expect((await call('GET', '/')).status).toBe(404);
  });
});

describe('what can be stored', () => {
  it.each([
    ['"a\\u0000b"', undefined],
    ['"\\ud800 alone"', undefined],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\\\u0000"', '\\u0000'],
    ['"\\u0001"', '\u0001'],
    ['{', undefined],
  ])('of %s is %s', (text, value) => expect(parseStorable(text)).toBe(value));
});
