import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

const SECRET = 'a secret of the sender';
const pass = { StartAt: 'S', States: { S: { Type: 'Pass', Result: { hello: 'world' }, End: true } } };
const fail = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' } } };
const event = { specversion: '1.0', id: '1', source: '/shop', type: 'shop.order', data: { amount: 12 } };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.call('POST', '/v1/workflows', { name: 'flow', definition: pass });
  await gateway.call('POST', '/v1/workflows', { name: 'fails', definition: fail });
  const pattern = { data: { amount: [{ numeric: ['>', 10] }] } };
  const trigger = { name: 'orders', kind: 'event', source: { types: ['shop.order'] }, target: { workflow: 'flow' } };
  await gateway.call('POST', '/v1/triggers', { ...trigger, pattern });
});
afterAll(() => gateway?.close());

const send = (body: unknown, headers: Record<string, string>) => gateway.call('POST', '/v1/events', body, headers);
const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

const create = (name: string, workflow: string, answer: string) =>
  gateway.call('POST', '/v1/triggers', {
    name,
    kind: 'webhook',
    source: { path: `in/${name}`, signature: { kind: 'github', secret: SECRET }, answer },
    target: { workflow },
  });
const sign = (body: string) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  'content-type': 'application/json',
});
const call = (name: string, body: string) =>
  gateway.fetch(`/hooks/default/in/${name}`, { method: 'POST', body, headers: sign(body) });

describe('CloudEvents', () => {
  it('in structured form start what waits for them, once, and keep their extension attributes', async () => {
    const first = await send({ ...event, traceid: 'abc' }, structured);
    expect(first).toMatchObject({ status: 200, body: { items: [{ source: '/shop', id: '1', duplicate: false }] } });
    const [{ targetId }] = first.body.items[0].started;
    const { body } = await gateway.call('GET', `/v1/executions/${targetId}`);
    expect(body.input).toMatchObject({ ...event, traceid: 'abc', time: expect.any(String) });
    expect((await send(event, structured)).body.items).toMatchObject([{ duplicate: true, started: [] }]);
    const [stored] = (await gateway.call('GET', '/v1/events')).body.items;
    expect(stored).toMatchObject({ id: '1', traceid: 'abc', started: [{ trigger: 'orders' }] });
  });

  it('as a batch are taken all or none', async () => {
    const batch = [
      { ...event, id: '2' },
      { ...event, id: '3', data: { amount: 1 } },
    ];
    const type = { 'content-type': 'application/cloudevents-batch+json' };
    const refused = await send([...batch, { ...event, id: '' }], type);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/2/id' }] } });
    const { body } = await send(batch, type);
    expect(body.items.map(({ started }: { started: unknown[] }) => started.length)).toEqual([1, 0]);
  });

  it('in binary form have their attributes in headers and any data', async () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '4', 'ce-source': '/shop', 'ce-type': 'shop.order' };
    const json = await send({ amount: 99 }, headers);
    expect(json.body.items).toMatchObject([{ id: '4', started: [{ trigger: 'orders' }] }]);
    const text = await send('plain words', { ...headers, 'ce-id': 'd%C3%A9j%C3%A0', 'content-type': 'text/plain' });
    expect(text.body.items).toMatchObject([{ id: 'déjà', started: [] }]);
    const missing = await send({}, { 'ce-specversion': '1.0', 'ce-id': '5', 'ce-source': '/shop' });
    expect(missing).toMatchObject({ status: 400, body: { errors: [{ pointer: '/headers/ce-type' }] } });
  });

  it('cannot pretend to be events of our own, and are refused in other formats', async () => {
    const pretended = await send({ ...event, type: 'spool.object.created' }, structured);
    expect(pretended).toMatchObject({ status: 400, body: { errors: [{ pointer: '/type' }] } });
    expect((await send('x', { 'content-type': 'text/plain' })).body.errors[0].pointer).toBe('/headers/content-type');
    expect((await send('{', structured)).status).toBe(400);
    expect((await gateway.call('POST', '/v1/triggers', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('need a trigger that says which of them it wants', async () => {
    const trigger = { name: 'all', kind: 'event', target: { workflow: 'flow' } };
    expect(await gateway.call('POST', '/v1/triggers', trigger)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/pattern' }] },
    });
  });
});

describe('webhooks', () => {
  it('are called without a key, signed, and answered when the request is stored', async () => {
    await create('plain', 'flow', 'accepted');
    const body = '{ "a":  1 }';
    const response = await call('plain', body);
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toMatch(/^\/v1\/executions\//);
    const { started } = (await response.json()) as { started: { targetId: string } };
    const { body: execution } = await gateway.call('GET', `/v1/executions/${started.targetId}`);
    expect(execution.input.data).toMatchObject({ path: 'in/plain', body: { a: 1 } });
    const unsigned = await gateway.fetch('/hooks/default/in/plain', { method: 'POST', body });
    expect(unsigned.status).toBe(401);
    expect((await gateway.fetch('/hooks/default/in/none', { method: 'POST' })).status).toBe(404);
  });

  it('answer with the output, or with the failure', async () => {
    await create('result', 'flow', 'result');
    const good = await call('result', '{}');
    expect([good.status, await good.json()]).toEqual([200, { hello: 'world' }]);
    await create('broken', 'fails', 'result');
    const bad = await call('broken', '{}');
    expect([bad.status, await bad.json()]).toEqual([502, { status: 'FAILED', error: 'Broken', cause: 'on purpose' }]);
  });

  it('do not show their secret, and keep it when a change sends the stars back', async () => {
    const { body: shown } = await gateway.call('GET', '/v1/triggers/plain');
    expect(shown.source.signature).toEqual({ kind: 'github', secret: '********' });
    const { name: _name, createdAt: _created, updatedAt: _updated, ...same } = shown;
    expect((await gateway.call('PUT', '/v1/triggers/plain', same)).status).toBe(200);
    expect((await call('plain', '{"after":"change"}')).status).toBe(202);
  });
});
