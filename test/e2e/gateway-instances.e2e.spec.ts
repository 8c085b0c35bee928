import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Instance } from '@app/worker-api';
import { EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let executorId: string;
const capacity = { slots: 4, memoryMb: 4_096, vcpu: 4 };
const nothing = { slots: 0, memoryMb: 0, vcpu: 0 };
const free = { slots: 3, memoryMb: 3_968, vcpu: 3 };

const one = (facts: Partial<Instance> = {}): Instance => ({
  id: randomUUID(),
  namespace: 'default',
  function: 'encode',
  version: 3,
  runtime: 'nodejs',
  state: 'idle',
  ageMs: 5_000,
  idleMs: 1_000,
  requests: 7,
  memoryMb: 128,
  memoryBytes: 50_000_000,
  cpuMs: 900,
  tasks: [],
  lastError: 'TypeError',
  ...facts,
});

const worker = (path: string, body: unknown) =>
  gateway.call('POST', `/worker/v1/${path}`, body, { authorization: `Bearer ${EXECUTOR_TOKEN}` });
const say = (...instances: Instance[]) =>
  worker(`executors/${executorId}/poll`, {
    free: nothing,
    spare: free,
    running: [],
    results: [],
    instances,
    waitMs: 0,
  });

beforeAll(async () => {
  gateway = await startTestGateway();
  const registered = await worker('executors', { name: 'box', labels: ['cpu'], capacity, version: '1' });
  ({ executorId } = registered.body);
});
afterAll(() => gateway.close());

describe('instances', () => {
  it('are listed as their executor told, by function, state and executor', async () => {
    const [warm, busy] = [one(), one({ function: 'probe', state: 'busy', tasks: [randomUUID()] })];
    await say(warm, busy);
    const { body } = await gateway.call('GET', '/v1/instances');
    expect(body.items).toEqual([warm, busy].map((told) => ({ ...told, executor: 'box', executorId })));
    expect((await gateway.call('GET', '/v1/instances?function=probe')).body.items).toHaveLength(1);
    expect((await gateway.call('GET', '/v1/instances?state=idle&executor=box')).body.items).toHaveLength(1);
    expect((await gateway.call('GET', '/v1/instances?executor=other')).body.items).toEqual([]);
    expect((await gateway.call('GET', '/v1/instances?state=asleep')).body.errors).toMatchObject([
      { pointer: '/query/state', message: 'must be one of starting, busy, idle, template' },
    ]);
  });

  it('of other namespaces are counted, and not shown', async () => {
    await say(one(), one({ namespace: 'other', function: 'secret' }));
    expect((await gateway.call('GET', '/v1/instances')).text).not.toContain('secret');
    const { body, text } = await gateway.call('GET', `/v1/executors/${executorId}`);
    expect(body.instanceCounts).toEqual({ starting: 0, busy: 0, idle: 2, template: 0 });
    expect(text).not.toContain('secret');
    expect((await gateway.call('GET', '/v1/executors')).text).not.toContain('secret');
  });

  it('are with their executor, beside what it has, what is free and what it runs', async () => {
    await say(one());
    await gateway.database.query(sql`
      insert into task (id, namespace, kind, resource, payload, status, attempt, executor_id, timeout_seconds, started_at,
                        progress, run_at)
      values (${randomUUID()}, 'default', 'function', 'encode', '{}', 'RUNNING', 1, ${executorId}, 60, now(),
              '{"percent": 40}', now() + interval '1 h')`);
    const { body } = await gateway.call('GET', `/v1/executors/${executorId}`);
    expect(body).toMatchObject({
      name: 'box',
      capacity,
      free,
      running: 1,
      instances: [{ function: 'encode', requests: 7, lastError: 'TypeError' }],
      tasks: [{ function: 'encode', attempt: 1, progress: { percent: 40 } }],
    });
    expect((await gateway.call('GET', `/v1/executors/${randomUUID()}`)).status).toBe(404);
  });

  it('are known to another gateway, which reads what this one has noted', async () => {
    const told = one();
    await gateway.database.query(sql`
      insert into executor (id, name, labels, capacity, version, free, instances)
      values (${randomUUID()}, 'far', '{}', ${JSON.stringify(capacity)}, '1', ${JSON.stringify(free)},
              ${JSON.stringify([told])})`);
    const { body } = await gateway.call('GET', '/v1/instances?executor=far');
    expect(body.items).toMatchObject([{ id: told.id }]);
    await gateway.database.query(sql`update executor set seen_at = now() - interval '5 min' where name = 'far'`);
    expect((await gateway.call('GET', '/v1/instances?executor=far')).body.items).toEqual([]);
  });

  it('are followed live', async () => {
    const [stays, goes] = [one(), one()];
    await say(stays, goes);
    const stop = new AbortController();
    const { body } = await gateway.fetch('/v1/instances/events', {
      headers: { authorization: `Bearer ${gateway.key}` },
      signal: stop.signal,
    });
    let text = '';
    const read = async () => {
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString();
        if (text.includes(goes.id) && !text.includes('"requests":8')) await say({ ...stays, requests: 8 });
        if (text.includes('event: gone') && text.includes('"requests":8')) break;
      }
    };
    await read();
    stop.abort();
    expect(text).toContain(`event: gone\ndata: {"id":"${goes.id}"}`);
  });

  it('are followed with their executor, whose room and tasks are told when they change', async () => {
    await say(one());
    const stop = new AbortController();
    const { body } = await gateway.fetch('/v1/executors/events', {
      headers: { authorization: `Bearer ${gateway.key}` },
      signal: stop.signal,
    });
    const busy = one({ state: 'busy', requests: 9 });
    let text = '';
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (text.includes('event: executor') && !text.includes(busy.id)) await say(busy);
      if (text.includes(busy.id)) break;
    }
    stop.abort();
    const events = text.split('\n\n').flatMap((event) => event.match(/^data: (.*)$/m)?.[1] ?? []);
    const told = JSON.parse(events.find((event) => event.includes(busy.id)) ?? '{}');
    expect(told).toMatchObject({
      id: executorId,
      name: 'box',
      capacity,
      free,
      tasks: expect.any(Array),
      instances: [{ id: busy.id }],
    });
  });

  it('are measured for Prometheus', async () => {
    await say(one(), one({ state: 'busy' }), one());
    const { text } = await gateway.call('GET', '/metrics');
    expect(text).toContain('spool_instances{namespace="default",function="encode",state="idle"} 2');
    expect(text).toContain('spool_instance_memory_bytes{namespace="default",function="encode",state="busy"} 50000000');
    expect(text).toMatch(
      /^spool_instance_busy\{namespace="default",function="encode",version="\d",executor="box",instance="[^"]+"\} 1$/m,
    );
    expect(text.match(/^spool_instance_requests\{/gm)).toHaveLength(3);
    expect(text).toMatch(/^spool_executor_running_tasks\{executor="box"\} \d+$/m);
    expect(text).toContain('spool_executor_capacity{executor="box",resource="memoryMb"} 4096');
    expect(text).toContain('spool_executor_free{executor="box",resource="slots"} 3');
  });
});

describe('usage', () => {
  it('is told by day and function, in seconds and gigabyte-seconds, with a total', async () => {
    await gateway.database.query(sql`
      insert into usage_day (namespace, day, function, invocations, failures, wall_ms, cpu_ms, reserved_mb_ms, bytes_in,
                             bytes_out, event_bytes, result_bytes)
      values ('default', '2026-03-01', 'encode', 2, 1, 3000, 1500, 512 * 3000, 7, 8, 30, 40),
             ('default', '2026-03-02', 'encode', 1, 0, 1000, 500, 512 * 1000, 0, 0, 0, 0),
             ('default', '2026-03-02', 'probe', 1, 0, 10, 1, 128 * 10, 0, 0, 0, 0),
             ('spool', '2026-03-02', 'secret', 1, 0, 10, 1, 128 * 10, 0, 0, 0, 0)`);
    const { body, text } = await gateway.call('GET', '/v1/usage?from=2026-03-01&to=2026-03-02&function=encode');
    expect(body.items).toMatchObject([
      { day: '2026-03-02', function: 'encode', invocations: 1, wallSeconds: 1, memoryGbSecondsReserved: 0.5 },
      {
        day: '2026-03-01',
        function: 'encode',
        invocations: 2,
        failures: 1,
        cpuSeconds: 1.5,
        bytesIn: 37,
        bytesOut: 48,
        eventBytes: 30,
        resultBytes: 40,
      },
    ]);
    expect(body.total).toMatchObject({ invocations: 3, wallSeconds: 4, memoryGbSecondsReserved: 2 });
    expect(text).not.toContain('secret');
    expect((await gateway.call('GET', '/v1/usage')).body.items).toEqual([]);
  });

  it.each([
    ['from=yesterday', '/query/from', 'must be a day, as 2026-01-31'],
    ['from=2026-03-02&to=2026-03-01', '/query/to', 'must not be before from'],
    ['from=2020-01-01&to=2026-03-01', '/query/from', 'must be at most 366 days before to'],
  ])('refuses %s and says why', async (query, pointer, message) => {
    const { status, body } = await gateway.call('GET', `/v1/usage?${query}`);
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ pointer, message }]);
  });
});
