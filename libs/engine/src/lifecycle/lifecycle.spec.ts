import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { DeadLettersService } from '../events/dead-letters.service.js';
import { LifecycleInterests } from './lifecycle-interests.service.js';
import { LifecyclePublisher } from './lifecycle-publisher.service.js';
import { SubscriptionsService } from './subscriptions.service.js';

interface Told {
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

const flow = (States: object) => ({ StartAt: 'S', States }) as never;

let engine: TestEngine;
let subscriptions: SubscriptionsService;
let interests: LifecycleInterests;
let publisher: LifecyclePublisher;
beforeAll(async () => {
  engine = await createEngine();
  subscriptions = engine.app.get(SubscriptionsService, { strict: false });
  interests = engine.app.get(LifecycleInterests, { strict: false });
  publisher = engine.app.get(LifecyclePublisher, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition: flow({ S: { Type: 'Succeed' } }) });
  const Fail = { Type: 'Fail', Error: 'Bad', Cause: 'said so' };
  await engine.workflows.deploy('default', { name: 'bad', definition: flow({ S: Fail }) });
  await engine.workflows.deploy('default', {
    name: 'long',
    definition: { TimeoutSeconds: 60, ...(flow({ S: { Type: 'Wait', Seconds: 999, End: true } }) as object) } as never,
  });
});
afterAll(() => engine?.close());
beforeEach(async () => {
  await engine.database.query(sql`delete from subscription`);
  await engine.database.query(sql`delete from trigger`);
  await engine.database.query(sql`delete from lifecycle_event`);
  await interests.refresh();
});

let made = 0;
const subscribe = async (change: object = {}) => {
  const name = `watch-${++made}`;
  await subscriptions.create('default', { name, destination: { topic: name }, ...change });
  await interests.refresh();
  return name;
};
const start = (workflow: string, input: unknown = {}) =>
  engine.executions.start('default', workflow, { input: input as never });
const publish = async () => {
  while ((await publisher.publishDue()) > 0);
};
const told = async (topic: string): Promise<Told[]> => {
  const rows = await engine.database.query<{ value: Buffer }>(
    sql`select value from bus_message where topic = ${topic} order by message_offset`,
  );
  return rows.map(({ value }) => JSON.parse(value.toString()) as Told);
};
const rows = () => engine.database.query(sql`select from lifecycle_event`);

describe('an execution', () => {
  it('tells on a topic that it has begun and how it has ended, in that order', async () => {
    const topic = await subscribe();
    const { id } = await start('flow', { n: 1 });
    await publish();
    expect(await told(topic)).toMatchObject([
      { specversion: '1.0', type: 'spool.execution.started', source: '/workflows/flow', subject: id },
      {
        type: 'spool.execution.succeeded',
        id: `${id}/succeeded/0`,
        data: { executionId: id, workflow: 'flow', status: 'SUCCEEDED', input: { n: 1 }, output: { n: 1 } },
      },
    ]);
    const [message] = await engine.database.query(sql`select key, headers from bus_message where topic = ${topic}`);
    expect(message).toMatchObject({ key: id, headers: { 'spool-hops': '1' } });
    expect(await rows()).toEqual([]);
  });

  it('tells that it failed, timed out or was stopped', async () => {
    const topic = await subscribe({ types: ['failed', 'timed_out', 'aborted'].map((end) => `spool.execution.${end}`) });
    await start('bad');
    const stopped = await start('long');
    await engine.executions.stop('default', stopped.id, { error: 'Enough', cause: 'of it' });
    await start('long');
    await engine.passSeconds(61);
    while ((await engine.timers.fireDue(100)) > 0);
    await publish();
    const errors = (await told(topic)).map(({ type, data: { error } }) => `${type} ${String(error)}`);
    expect(errors.toSorted()).toEqual([
      'spool.execution.aborted Enough',
      'spool.execution.failed Bad',
      'spool.execution.timed_out States.Timeout',
    ]);
  });

  it('writes nothing where nobody wants to know of it', async () => {
    await start('flow');
    await subscribe({ workflows: ['bad'] });
    await start('flow');
    await subscribe({ enabled: false });
    await start('flow');
    expect(await rows()).toEqual([]);
  });

  it('tells nothing of what was taken back with its transaction', async () => {
    await subscribe();
    const work = engine.database.transaction(async () => {
      await start('flow');
      throw new Error('after all not');
    });
    await expect(work).rejects.toThrow('after all not');
    expect(await rows()).toEqual([]);
  });

  it('tells again under the same id what was told before a crash, and nothing behind it before', async () => {
    const topic = await subscribe();
    const { id } = await start('flow');
    await engine.database.query(sql`
      create function crash() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$`);
    await engine.database.query(sql`
      create trigger crash before delete on lifecycle_event for each row execute function crash()`);
    await publish();
    await engine.database.query(sql`drop trigger crash on lifecycle_event`);
    await engine.database.query(sql`update lifecycle_event set due_at = now()`);
    await publish();
    const started = `${id}/started/0`;
    expect((await told(topic)).map((event) => event.id)).toEqual([started, started, `${id}/succeeded/0`]);
  });

  it('says which values are too large to be told', async () => {
    const topic = await subscribe({ types: ['spool.execution.succeeded'] });
    await start('flow', { text: 'x'.repeat(70_000) });
    await publish();
    expect(await told(topic)).toMatchObject([{ data: { omitted: ['input', 'output'] } }]);
  });

  it('starts what a trigger aims at when another has ended, and a chain without end is cut', async () => {
    const source = { types: ['spool.execution.succeeded'], sources: ['/workflows/flow'] };
    const trigger = { name: 'next', kind: 'event', source, target: { workflow: 'bad' } };
    await engine.triggers.create('default', trigger as never);
    await interests.refresh();
    await start('flow');
    await start('bad');
    await publish();
    const count = async (workflow: string, triggerName: string) => {
      const { id } = await engine.triggers.get('default', triggerName);
      return (await engine.executions.list('default', { workflow, triggerId: id, limit: 100 })).length;
    };
    expect(await count('bad', 'next')).toBe(1);
    const loop = { name: 'loop', kind: 'event', source, target: { workflow: 'flow' } };
    await engine.triggers.create('default', loop as never);
    await start('flow');
    await publish();
    expect(await count('flow', 'loop')).toBe(15);
    const letters = engine.app.get(DeadLettersService, { strict: false });
    expect(await letters.list('default', { trigger: 'loop', limit: 10 })).toMatchObject([{ error: 'Loop.Detected' }]);
  });
});

describe('a web address', () => {
  let server: Server;
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  let status = 200;
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      got.push({ headers: request.headers, body: await text(request) });
      response.writeHead(status).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    server.close();
  });
  beforeEach(() => {
    got.length = 0;
    status = 200;
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;

  it('is told with a signature, whole or as headers and data', async () => {
    await subscribe({ types: ['spool.execution.succeeded'], destination: { url: url(), secret: 'a-secret' } });
    const { id } = await start('flow');
    await publish();
    const [{ headers, body } = { headers: {}, body: '' }] = got;
    expect(headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(JSON.parse(body)).toMatchObject({ specversion: '1.0', subject: id, data: { status: 'SUCCEEDED' } });
    const hmac = createHmac('sha256', 'a-secret').update(body).digest('hex');
    expect(headers['x-hub-signature-256']).toBe(`sha256=${hmac}`);
    await engine.database.query(sql`delete from subscription`);
    got.length = 0;
    const destination = { url: url(), mode: 'binary', headers: { authorization: 'Bearer x' } };
    await subscribe({ types: ['spool.execution.succeeded'], destination });
    const second = await start('flow');
    await publish();
    expect(got[0]?.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-type': 'spool.execution.succeeded',
      'ce-subject': second.id,
      'ce-spoolhops': '1',
      authorization: 'Bearer x',
    });
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ executionId: second.id });
  });

  it('that refuses is told again, in order, and in the end the event goes to the dead letters', async () => {
    await subscribe({ destination: { url: url() } });
    status = 500;
    const { id } = await start('flow');
    await publish();
    expect(got.map(({ body }) => (JSON.parse(body) as Told).type)).toEqual(['spool.execution.started']);
    for (let attempt = 0; attempt < 7; attempt++) {
      await engine.database.query(sql`update lifecycle_event set due_at = now()`);
      if (attempt === 6) status = 200;
      if (attempt === 6) await engine.database.query(sql`update lifecycle_event set attempts = 8`);
      await publish();
    }
    expect(got.slice(-2).map(({ body }) => (JSON.parse(body) as Told).type)).toEqual([
      'spool.execution.started',
      'spool.execution.succeeded',
    ]);
    status = 500;
    await start('flow');
    await engine.database.query(sql`update lifecycle_event set attempts = 7`);
    await publish();
    const letters = await engine.app.get(DeadLettersService, { strict: false }).list('default', { limit: 5 });
    const own = letters.filter(({ kind }) => kind === 'lifecycle');
    expect(own).toMatchObject([{ error: 'destination_refused' }, { error: 'destination_refused' }]);
    expect(JSON.stringify(own)).not.toContain(id);
  });
});

describe('a subscription', () => {
  it('keeps its secrets when the stars come back, but not for another host', async () => {
    const destination = { url: 'https://a.example/x', secret: 'a-secret', headers: { key: 'hidden' } };
    const name = await subscribe({ destination });
    const stars = { url: 'https://a.example/y', secret: '********', headers: { key: '********' } };
    const changed = await subscriptions.update('default', name, { destination: stars });
    expect(changed.destination).toMatchObject({ ...destination, url: 'https://a.example/y' });
    const elsewhere = await subscriptions.update('default', name, {
      destination: { ...stars, url: 'https://b.example/' },
    });
    expect(elsewhere.destination).toMatchObject({ secret: '********', headers: { key: '********' } });
  });

  it('is refused with a pointer to each rule, and made once', async () => {
    const name = await subscribe();
    await expect(subscriptions.create('default', { name, destination: { topic: 't' } })).rejects.toMatchObject({
      code: 'subscription_name_taken',
    });
    const bad = { name: 'x y', workflows: [], types: ['other'], destination: { url: 'ftp://x' } };
    const refused = await subscriptions.create('default', bad).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'invalid_request' });
    await subscriptions.delete('default', name);
    await expect(subscriptions.get('default', name)).rejects.toMatchObject({ code: 'subscription_not_found' });
  });
});
