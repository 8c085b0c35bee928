import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectStore } from '@app/object-store';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

const definition = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1_000, End: true } } };

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.call('POST', '/v1/workflows', { name: 'flow', definition });
});
afterAll(() => gateway?.close());

const record = (key: string, sequencer: string) => ({
  eventName: 's3:ObjectCreated:Put',
  eventTime: '2026-11-21T10:00:00.000Z',
  s3: { bucket: { name: 'uploads' }, object: { key, size: 5, eTag: 'abc', sequencer } },
});

describe('events', () => {
  it('of an object store start what waits for them, once', async () => {
    const input = { 'key.$': '$.data.key' };
    const trigger = {
      name: 'upload',
      kind: 'object',
      source: { bucket: 'uploads', suffix: '.mp4' },
      target: { workflow: 'flow' },
      input,
    };
    await gateway.call('POST', '/v1/triggers', trigger);
    const body = { Records: [record('a+b.mp4', '01'), record('c.txt', '02')] };
    expect(await gateway.call('POST', '/v1/hooks/s3', body)).toMatchObject({
      status: 200,
      body: { accepted: 2, duplicates: 0 },
    });
    expect((await gateway.call('POST', '/v1/hooks/s3', body)).body).toMatchObject({ accepted: 0, duplicates: 2 });
    const [event] = (await gateway.call('GET', '/v1/events')).body.items.filter(
      ({ subject }: { subject: string }) => subject === 'a b.mp4',
    );
    expect(event.started).toMatchObject([{ trigger: 'upload', targetKind: 'workflow' }]);
    const { body: execution } = await gateway.call('GET', `/v1/executions/${event.started[0].targetId}`);
    expect(execution).toMatchObject({
      input: { key: 'a b.mp4' },
      trigger: 'upload',
      event: { source: '/objects/uploads', id: event.id },
    });
    await gateway.call('POST', `/v1/executions/${execution.id}/stop`);
  });

  it('that are no notifications go to the dead letters with the reason, and those beside them count', async () => {
    const answer = await gateway.call('POST', '/v1/hooks/s3', {
      Records: [record('d.mp4', '03'), { eventName: 'ObjectCreated:Put' }],
    });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1, quarantined: 1 } });
    const [letter] = (await gateway.call('GET', '/v1/dead-letters')).body.items;
    expect(letter).toMatchObject({ kind: 'notification', payload: { eventName: 'ObjectCreated:Put' } });
    expect(letter.cause).toMatch(/^\/Records\/1/);
    const events = (await gateway.call('GET', '/v1/events')).body.items;
    expect(events.map(({ subject }: { subject: string }) => subject)).toContain('d.mp4');
  });

  it('that can start nothing go to the dead letters with the reason', async () => {
    const input = { 'size.$': '$.data.nothing' };
    await gateway.call('POST', '/v1/triggers', {
      name: 'broken',
      kind: 'object',
      source: { bucket: 'broken' },
      target: { workflow: 'flow' },
      input,
    });
    const { s3, ...rest } = record('x', '09');
    await gateway.call('POST', '/v1/hooks/s3', { Records: [{ ...rest, s3: { ...s3, bucket: { name: 'broken' } } }] });
    const { body } = await gateway.call('GET', '/v1/dead-letters');
    expect(body.items.slice(0, 1)).toMatchObject([
      { kind: 'event', payload: { trigger: 'broken' }, error: expect.any(String) },
    ]);
  });

  it('that lie with the dead letters are shown, redriven and thrown away', async () => {
    const { body: page } = await gateway.call('GET', '/v1/dead-letters?trigger=broken&limit=1');
    const [{ id }] = page.items;
    expect((await gateway.call('GET', `/v1/dead-letters?trigger=broken&cursor=${page.nextCursor}`)).body.items).toEqual(
      [],
    );
    const trigger = { kind: 'object', source: { bucket: 'broken' }, target: { workflow: 'flow' } };
    await gateway.call('PUT', '/v1/triggers/broken', trigger);
    const redriven = await gateway.call('POST', `/v1/dead-letters/${id}/redrive`);
    expect(redriven).toMatchObject({ status: 200, body: { started: { trigger: 'broken', targetKind: 'workflow' } } });
    const all = await gateway.call('POST', '/v1/dead-letters/redrive', { trigger: 'broken' });
    expect(all).toMatchObject({ status: 200, body: { redriven: 0 } });
    expect((await gateway.call('GET', `/v1/dead-letters/${id}`)).body.redrivenAt).toEqual(expect.any(String));
    expect((await gateway.call('DELETE', `/v1/dead-letters/${id}`)).status).toBe(204);
    expect((await gateway.call('GET', `/v1/dead-letters/${id}`)).status).toBe(404);
  });

  it('that came are replayed to a trigger, which starts again', async () => {
    const [event] = (await gateway.call('GET', '/v1/events')).body.items.filter(
      ({ source }: { source: string }) => source === '/objects/broken',
    );
    const { source, id } = event;
    const { status, body } = await gateway.call('POST', '/v1/events/replay', { source, id, trigger: 'broken' });
    expect([status, body.started.length]).toEqual([200, 1]);
    expect((await gateway.call('POST', '/v1/events/replay', { source, id: 'none' })).status).toBe(404);
  });

  it('are taken by no trigger that is paused', async () => {
    expect((await gateway.call('POST', '/v1/triggers/upload/pause')).body.enabled).toBe(false);
    await gateway.call('POST', '/v1/hooks/s3', { Records: [record('paused.mp4', '20')] });
    expect((await gateway.call('POST', '/v1/triggers/upload/resume')).body.enabled).toBe(true);
    const [event] = (await gateway.call('GET', '/v1/events')).body.items;
    expect(event).toMatchObject({ subject: 'paused.mp4', started: [] });
  });

  it('may come from SNS, which sends its key as a password, and has its subscription confirmed at AWS only', async () => {
    const authorization = `Basic ${Buffer.from(`spool:${gateway.key}`).toString('base64')}`;
    const told = await gateway.call('POST', '/v1/hooks/s3', { Event: 's3:TestEvent' }, { authorization });
    expect(told).toMatchObject({ status: 200, body: { ignored: 1, confirmed: 0 } });
    expect((await gateway.call('GET', '/v1/triggers', undefined, { authorization })).status).toBe(401);
    const asking = { Type: 'SubscriptionConfirmation', SubscribeURL: 'http://127.0.0.1:1/' };
    expect((await gateway.call('POST', '/v1/hooks/s3', asking)).body).toMatchObject({ quarantined: 1, confirmed: 0 });
    // A region that there is not, so that nobody answers.
    const nowhere = { ...asking, SubscribeURL: 'https://sns.no-where-1.amazonaws.com/?Token=x' };
    expect(await gateway.call('POST', '/v1/hooks/s3', nowhere)).toMatchObject({
      status: 503,
      body: { code: 'subscription_unconfirmed' },
    });
  });

  it('say what a trigger waits for, and are found by source and type', async () => {
    const trigger = {
      kind: 'object',
      source: { bucket: 'slow', settle: { quietSeconds: 3600 } },
      target: { workflow: 'flow' },
    };
    await gateway.call('POST', '/v1/triggers', { ...trigger, name: 'slow' });
    const { s3 } = record('late.mp4', '1');
    const Records = ['1', '2', '3'].map((sequencer) => ({
      ...record('late.mp4', sequencer),
      s3: { ...s3, bucket: { name: 'slow' }, object: { ...s3.object, sequencer } },
    }));
    await gateway.call('POST', '/v1/hooks/s3', { Records });
    const found: string[] = [];
    for (let cursor = ''; cursor !== undefined; ) {
      const page = `/v1/events?source=/objects/slow&type=spool.object.created&limit=1${cursor && `&cursor=${cursor}`}`;
      const { body } = await gateway.call('GET', page);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect([found.length, new Set(found).size]).toEqual([3, 3]);
    expect((await gateway.call('GET', '/v1/events?source=/objects/slow&type=other')).body.items).toEqual([]);
    const stored = { source: '/objects/slow', id: found[0] };
    expect((await gateway.call('POST', '/v1/triggers/slow/explain', { stored })).body).toMatchObject({
      matched: true,
      waits: { for: 'settle', attempts: 0, dueAt: expect.any(String) },
    });
  });

  it('of a bucket are counted in its ledger', async () => {
    const { body } = await gateway.call('GET', '/v1/buckets/uploads/ledger');
    expect(body).toMatchObject({ acted: body.seen, pending: 0 });
    expect(body.seen).toBeGreaterThan(0);
    const listed = await gateway.call('GET', '/v1/buckets/uploads/ledger/objects?limit=1');
    expect(listed.body.items).toMatchObject([{ key: expect.any(String), notifiedAt: expect.any(String) }]);
    const { items } = (await gateway.call('GET', '/v1/ledger')).body;
    expect(items.find(({ bucket }: { bucket: string }) => bucket === 'uploads')).toMatchObject({ seen: body.seen });
    expect((await gateway.call('POST', '/v1/buckets/uploads/sweep')).status).toBe(204);
    expect((await gateway.call('POST', '/v1/buckets/slow/sweep')).status).toBe(204);
    const metrics = (await gateway.call('GET', '/metrics')).text;
    expect(metrics).toContain('spool_bucket_healed{namespace="default",bucket="uploads"} 0');
    expect(metrics).toContain('spool_bucket_waiting{namespace="default",bucket="slow"} 3');
    expect((await gateway.call('POST', '/v1/buckets/nobody-waits/sweep')).status).toBe(400);
  });

  it('are kept as long as the namespace says', async () => {
    expect((await gateway.call('GET', '/v1/retention')).body).toMatchObject({ events: 30, executions: 90 });
    const policy = { events: 3, executions: null };
    expect(await gateway.call('PUT', '/v1/retention', policy)).toMatchObject({ status: 200, body: policy });
    expect((await gateway.call('GET', '/v1/retention')).body).toMatchObject({ ...policy, logs: 30 });
    expect(await gateway.call('PUT', '/v1/retention', { events: 0, days: 1 })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/events', message: 'must be at least 1 day' }, { pointer: '/days' }] },
    });
  });

  it('are published on topics', async () => {
    const messages = [{ key: 'k', value: { a: 1 }, headers: { h: 'v' } }, { value: 'text' }];
    const { status, body } = await gateway.call('POST', '/v1/topics/jobs/messages', { messages });
    expect([status, body.messages.length]).toEqual([200, 2]);
    expect(await gateway.call('POST', '/v1/topics/a%20b/messages', { messages })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/path/topic' }] },
    });
  });
});

describe('objects', () => {
  it('are listed and played from an address that needs no key', async () => {
    expect((await gateway.call('POST', '/v1/buckets', { name: 'films' })).status).toBe(201);
    const objects = gateway.app.get(ObjectStore, { strict: false });
    await objects.put({ bucket: 'films', key: 'one/ä film.mp4' }, 'bytes of a film', { contentType: 'video/mp4' });
    const listed = await gateway.call('GET', '/v1/objects?bucket=films&prefix=one/');
    expect(listed.body.items).toMatchObject([{ key: 'one/ä film.mp4', size: 15 }]);
    const { body } = await gateway.call(
      'GET',
      `/v1/objects/url?bucket=films&key=${encodeURIComponent('one/ä film.mp4')}`,
    );
    expect(body).toMatchObject({ size: 15, contentType: 'video/mp4' });
    const ranged = await fetch(body.url, { headers: { range: 'bytes=0-4' } });
    expect([ranged.status, await ranged.text()]).toEqual([206, 'bytes']);
    expect(await gateway.call('GET', '/v1/objects/url?bucket=films&key=none')).toMatchObject({
      status: 404,
      body: { code: 'object_not_found' },
    });
  });

  it('of our own bucket are not shown', async () => {
    for (const path of ['/v1/objects?bucket=spool-system', '/v1/objects/url?bucket=spool-system&key=code']) {
      expect(await gateway.call('GET', path)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/query/bucket' }] },
      });
    }
    const names = (await gateway.call('GET', '/v1/buckets')).body.items.map(({ name }: { name: string }) => name);
    expect(names).not.toContain('spool-system');
    expect((await gateway.call('POST', '/v1/buckets', { name: 'spool-system' })).status).toBe(400);
  });
});

describe('the console', () => {
  it('says how it is built, until it is', async () => {
    expect((await gateway.fetch('/')).headers.get('location')).toBe('/console/');
    expect(await (await gateway.fetch('/console/')).text()).toContain('npm run build');
  });

  it('is served with one page for all its addresses, and nothing from outside its folder', async () => {
    await mkdir(join(gateway.consoleDir, 'assets'), { recursive: true });
    await writeFile(join(gateway.consoleDir, 'index.html'), '<title>Spool</title>');
    await writeFile(join(gateway.consoleDir, 'assets/app-1234.js'), 'run()');
    await writeFile(join(gateway.consoleDir, '../secret.txt'), 'secret');
    for (const path of ['/console/', '/console/executions/1', '/console/functions/media.probe/']) {
      expect(await (await gateway.fetch(path)).text()).toBe('<title>Spool</title>');
    }
    const script = await gateway.fetch('/console/assets/app-1234.js');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(script.headers.get('content-type')).toContain('javascript');
    for (const path of [
      '/console/assets/gone.js',
      '/console/..%2fsecret.txt',
      '/console/%2e%2e/secret.txt',
      '/console/assets/..%2f..%2fsecret.txt',
    ]) {
      const response = await gateway.fetch(path);
      expect([path, await response.text()]).not.toEqual([path, expect.stringMatching(/^secret$/)]);
      expect([path, response.status >= 400]).toEqual([path, true]);
    }
  });
});
