import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { type WebhookRequest, WebhooksService } from './webhooks.service.js';

const done = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;
const SECRET = 'a secret of the sender';
const hmac = (content: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', SECRET).update(content).digest(encoding);
const nowSeconds = () => Math.floor(Date.now() / 1_000);

let engine: TestEngine;
let webhooks: WebhooksService;
beforeAll(async () => {
  engine = await createEngine();
  webhooks = engine.app.get(WebhooksService, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition: done });
});
afterAll(() => engine?.close());

const create = (name: string, signature: object, more: object = {}) =>
  engine.triggers.create('default', {
    name,
    kind: 'webhook',
    source: { path: name, signature, ...more },
    target: { workflow: 'flow' },
  } as never);
const call = (path: string, body: string, headers: Record<string, string> = {}, more: Partial<WebhookRequest> = {}) => {
  const request = { method: 'POST', path, query: {}, headers, body: Buffer.from(body), apiKey: undefined, ...more };
  return webhooks.receive('default', request);
};
const refused = { code: 'signature_refused' };

const signed = (body: string, time: number) => ({
  'stripe-signature': `t=${time},v1=${'0'.repeat(64)},v1=${hmac(`${time}.${body}`)},v0=x`,
});

describe('a webhook that GitHub signs', () => {
  it('starts once for a signed request, however often and with whatever delivery id it is sent', async () => {
    await create('github', { kind: 'github', secret: SECRET });
    const headers = { 'x-hub-signature-256': `sha256=${hmac('{"n":1}')}`, 'x-github-delivery': '1' };
    const first = await call('github', '{"n":1}', headers);
    expect(first.started).toBeDefined();
    const again = await call('github', '{"n":1}', { ...headers, 'x-github-delivery': '2' });
    expect(again.started?.targetId).toBe(first.started?.targetId);
    const other = await call('github', '{"n":2}', { 'x-hub-signature-256': `sha256=${hmac('{"n":2}')}` });
    expect(other.started?.targetId).not.toBe(first.started?.targetId);
  });

  it.each([
    ['no signature', {}],
    ['a signature of something else', { 'x-hub-signature-256': `sha256=${hmac('{"n":2}')}` }],
    ['a signature without its prefix', { 'x-hub-signature-256': hmac('{"n":1}') }],
    ['an empty signature', { 'x-hub-signature-256': 'sha256=' }],
  ])('refuses %s', async (_what, headers) => {
    await expect(call('github', '{"n":1}', headers as Record<string, string>)).rejects.toMatchObject(refused);
  });
});

describe('a webhook that Stripe signs', () => {
  it('takes one of several signatures, and the same request once', async () => {
    await create('stripe', { kind: 'stripe', secret: SECRET });
    const headers = signed('{"id":"evt_1"}', nowSeconds());
    const first = await call('stripe', '{"id":"evt_1"}', headers);
    expect((await call('stripe', '{"id":"evt_1"}', headers)).started?.targetId).toBe(first.started?.targetId);
  });

  it('refuses what was signed too long ago, or with another time', async () => {
    const old = nowSeconds() - 301;
    await expect(call('stripe', '{}', signed('{}', old))).rejects.toMatchObject(refused);
    const headers = { 'stripe-signature': signed('{}', old)['stripe-signature'].replace(`${old}`, `${nowSeconds()}`) };
    await expect(call('stripe', '{}', headers)).rejects.toMatchObject(refused);
    await expect(call('stripe', '{}', {})).rejects.toMatchObject(refused);
  });
});

describe('a webhook with an HMAC of another form', () => {
  it('looks for it where the trigger says', async () => {
    const form = {
      header: 'X-Sign',
      encoding: 'base64',
      prefix: 'v1=',
      timestampHeader: 'X-Time',
      toleranceSeconds: 60,
    };
    await create('generic', { kind: 'hmac', secret: SECRET, ...form });
    const time = String(nowSeconds());
    const headers = { 'x-sign': `v1=${hmac(`${time}.body`, 'base64')}`, 'x-time': time };
    const { started } = await call('generic', 'body', headers);
    const execution = await engine.executions.get('default', started!.targetId);
    expect(execution.input).toMatchObject({
      type: 'spool.webhook.received',
      source: '/webhooks/generic',
      subject: 'generic',
      data: { method: 'POST', body: 'body', headers: { 'x-time': time } },
    });
    const late = String(nowSeconds() - 61);
    const stale = { 'x-sign': `v1=${hmac(`${late}.body`, 'base64')}`, 'x-time': late };
    await expect(call('generic', 'body', stale)).rejects.toMatchObject(refused);
  });
});

describe('a webhook without a signature', () => {
  it('starts for each request, but once for an idempotency key', async () => {
    await create('open', { kind: 'none' });
    const ids = new Set<string | undefined>();
    for (const headers of [{}, {}, { 'idempotency-key': 'k' }, { 'idempotency-key': 'k' }]) {
      ids.add((await call('open', 'x', headers as Record<string, string>)).started?.targetId);
    }
    expect(ids.size).toBe(3);
  });

  it('asks for an API key of its own namespace, if it says so', async () => {
    await create('guarded', { kind: 'key' });
    const { ApiKeysService } = await import('../api-keys/api-keys.service.js');
    const keys = engine.app.get(ApiKeysService, { strict: false });
    const [own, foreign] = [await keys.create('default', 'own'), await keys.create('spool', 'foreign')];
    expect((await call('guarded', 'x', {}, { apiKey: own.key })).started).toBeDefined();
    await expect(call('guarded', 'x', {}, { apiKey: foreign.key })).rejects.toMatchObject(refused);
    await expect(call('guarded', 'x')).rejects.toMatchObject(refused);
  });

  it('is not found by another path or method, or when it is off', async () => {
    const notFound = { code: 'webhook_not_found' };
    await expect(call('nowhere', 'x')).rejects.toMatchObject(notFound);
    await expect(call('open', 'x', {}, { method: 'GET' })).rejects.toMatchObject(notFound);
    const source = { path: 'open', signature: { kind: 'none' } };
    await engine.triggers.update('default', 'open', {
      kind: 'webhook',
      source,
      target: { workflow: 'flow' },
      enabled: false,
    });
    await expect(call('open', 'x')).rejects.toMatchObject(notFound);
  });

  it('keeps bytes that are no text', async () => {
    await create('bytes', { kind: 'none' });
    const { started } = await call('bytes', '', {}, { body: Buffer.from([0xff, 0x00]) });
    const execution = await engine.executions.get('default', started!.targetId);
    expect(execution.input).toMatchObject({ data: { body: null, bodyBase64: '/wA=' } });
  });
});

describe('a path', () => {
  it('belongs to one trigger', async () => {
    await expect(create('second', { kind: 'none' }, { path: 'github' })).rejects.toMatchObject({
      issues: [{ pointer: '/source/path', message: 'is taken by the trigger github' }],
    });
  });
});
