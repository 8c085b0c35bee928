import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

const definition = { StartAt: 'S', States: { S: { Type: 'Succeed' } } };
const event = {
  specversion: '1.0',
  id: '1',
  source: '/objects/films',
  type: 'spool.object.created',
  subject: 'a.mp4',
  time: '2026-01-01T00:00:00Z',
  data: { key: 'a.mp4', size: 5 },
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.call('POST', '/v1/workflows', { name: 'flow', definition });
});
afterAll(() => gateway?.close());

describe('a trigger with a pattern', () => {
  const trigger = {
    name: 'large',
    kind: 'object',
    source: { bucket: 'films' },
    target: { workflow: 'flow' },
    pattern: { data: { size: [{ numeric: ['>', 100] }] } },
  };

  it('is made, shown, and explains an event rule by rule', async () => {
    expect(await gateway.call('POST', '/v1/triggers', trigger)).toMatchObject({ status: 201, body: trigger });
    const { status, body } = await gateway.call('POST', '/v1/triggers/large/explain', { event });
    expect([status, body.matched]).toEqual([200, false]);
    expect(body.rules.filter(({ matched }: { matched: boolean }) => !matched)).toEqual([
      {
        pointer: '/pattern/data/size',
        field: 'data.size',
        expected: [{ numeric: ['>', 100] }],
        actual: [5],
        matched: false,
      },
    ]);
    const stored = { source: '/objects/films', id: 'none' };
    expect(await gateway.call('POST', '/v1/triggers/large/explain', { stored })).toMatchObject({ status: 404 });
    expect(await gateway.call('POST', '/v1/triggers/large/explain', {})).toMatchObject({ status: 400 });
  });

  it('is refused with a pointer to each rule that is none', async () => {
    const pattern = { data: { size: [{ numeric: ['>'] }], key: 'x' } };
    expect(await gateway.call('POST', '/v1/triggers', { ...trigger, name: 'bad', pattern })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/pattern/data/size/0' }, { pointer: '/pattern/data/key' }] },
    });
  });

  it('can be tried without a trigger', async () => {
    const pattern = { data: { key: [{ suffix: '.mp4' }] } };
    expect(await gateway.call('POST', '/v1/event-patterns/test', { pattern, event })).toMatchObject({
      status: 200,
      body: { matched: true, rules: [{ field: 'data.key', actual: ['a.mp4'] }] },
    });
  });
});

describe('a trigger that need not be there', () => {
  const trigger = {
    name: 'tried',
    kind: 'object',
    source: { bucket: 'films', size: { min: 1 } },
    target: { workflow: 'flow' },
    queryLanguage: 'JSONata',
    input: { key: '{% $event.data.key %}' },
    executionName: '{% $event.subject %}',
  };
  const test = (change: object) =>
    gateway.call('POST', '/v1/triggers/test', { trigger: { ...trigger, ...change }, event });

  it('tells what its target would be given, or what refuses the event', async () => {
    expect(await test({})).toMatchObject({
      status: 200,
      body: { matched: true, transformed: { input: { key: 'a.mp4' }, executionName: 'a.mp4' }, warnings: [] },
    });
    const refusing = await test({ source: { bucket: 'films', contentType: 'video/*', keys: ['*.mov'] } });
    expect(refusing.body).toMatchObject({ matched: false, refusedBy: ['/source/keys', '/source/contentType'] });
    const failing = await test({ input: '{% $event.data.title %}' });
    expect(failing.body).toMatchObject({ matched: true, failure: { error: 'States.QueryEvaluationError' } });
    expect((await gateway.call('GET', '/v1/triggers/tried')).status).toBe(404);
  });

  it('is refused as it would be when it was made', async () => {
    expect(await test({ input: '{% $event. %}', executionName: 'x' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/input' }, { pointer: '/executionName' }] },
    });
    expect(await test({ target: { function: 'flow' } })).toMatchObject({
      body: { errors: [{ pointer: '/executionName', message: 'must not be given: only executions have names' }] },
    });
  });
});

describe('a schedule', () => {
  const source = { cron: 'rate(1 hour)', start: '2026-01-01T00:00:00Z', end: '2026-01-01T03:00:00Z' };
  const ticks = ['00', '01', '02', '03'].map((hour) => `2026-01-01T${hour}:00:00.000Z`);

  it('tells when it would fire, and when it will', async () => {
    const query = { after: '2025-01-01T00:00:00Z' };
    const preview = await gateway.call('POST', '/v1/schedules/preview', { source, ...query });
    expect(preview).toMatchObject({ status: 200, body: { items: ticks } });
    const trigger = { name: 'hourly', kind: 'schedule', source, target: { workflow: 'flow' } };
    expect((await gateway.call('POST', '/v1/triggers', trigger)).status).toBe(201);
    const listed = await gateway.call('GET', '/v1/triggers/hourly/ticks?count=2&after=2026-01-01T00:00:00Z');
    expect(listed.body.items).toEqual(ticks.slice(1, 3));
  });

  it('is refused with the reason, and nothing else has ticks', async () => {
    const bad = await gateway.call('POST', '/v1/schedules/preview', { source: { cron: 'rate(5 minute)' } });
    expect(bad.body.errors).toEqual([{ pointer: '/source/cron', message: 'must be rate(5 minutes)' }]);
    expect((await gateway.call('GET', '/v1/triggers/large/ticks')).status).toBe(400);
  });
});

describe('a topic trigger', () => {
  const source = { topic: 'orders', batch: { size: 10 }, bisect: true, order: 'partition', value: 'json' };
  const trigger = { name: 'orders', kind: 'topic', source, target: { workflow: 'flow' } };

  it('tells how far it is, and is put to another place', async () => {
    expect(await gateway.call('POST', '/v1/triggers', trigger)).toMatchObject({ status: 201, body: { source } });
    const bytes = { valueBase64: Buffer.from([0, 255]).toString('base64') };
    const messages = [{ key: 'k', value: { n: 1 }, headers: { h: 'x' } }, bytes];
    expect(await gateway.call('POST', '/v1/topics/orders/messages', { messages })).toMatchObject({ status: 200 });
    expect(await gateway.call('GET', '/v1/triggers/orders/place')).toMatchObject({
      status: 200,
      body: { topic: 'orders', lag: 2, waiting: 0, running: 0, partitions: [{ partition: 0, end: '2', lag: 2 }] },
    });
    expect(await gateway.call('POST', '/v1/triggers/orders/reset', { to: 'earliest' })).toMatchObject({
      status: 202,
      body: { resetTo: 'earliest' },
    });
    const metrics = await gateway.call('GET', '/metrics');
    expect(metrics.text).toContain('spool_topic_lag{namespace="default",trigger="orders",topic="orders"} 2');
  });

  it('is refused with a pointer to each rule that it breaks', async () => {
    const refused = async (change: object, pointers: string[]) => {
      const wanted = { ...trigger, name: 'bad', source: { topic: 'orders', ...change } };
      const { status, body } = await gateway.call('POST', '/v1/triggers', wanted);
      expect([status, body.errors?.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([400, pointers]);
    };
    await refused({ from: 'yesterday' }, ['/source/from']);
    await refused({ order: 'key', parallel: 2 }, ['/source/order', '/source/parallel']);
    await refused({ batch: { size: 0, windowSeconds: 301 } }, ['/source/batch/size', '/source/batch/windowSeconds']);
    await refused({ batch: {}, until: 'started' }, ['/source/until']);
    await refused({ until: 'ended', bisect: true }, ['/source/bisect']);
    expect(await gateway.call('POST', '/v1/triggers/orders/reset', { to: 'tomorrow' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/to' }] },
    });
    const both = { messages: [{ value: 1, valueBase64: 'AA==' }, {}, { valueBase64: '?' }] };
    expect(await gateway.call('POST', '/v1/topics/orders/messages', both)).toMatchObject({
      status: 400,
      body: {
        errors: [
          { pointer: '/messages/0/value' },
          { pointer: '/messages/1/value' },
          { pointer: '/messages/2/valueBase64' },
        ],
      },
    });
  });
});
