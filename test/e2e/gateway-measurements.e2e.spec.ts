import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Instance } from '@app/worker-api';
import { EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let executorId: string;

const worker = (method: string, path: string, body: unknown) =>
  gateway.call(method, `/worker/v1/${path}`, body, { authorization: `Bearer ${EXECUTOR_TOKEN}` });

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** What a stream of server-sent events tells of it first. */
const firstOf = async (path: string, isIt: (data: { id: string }) => boolean): Promise<unknown> => {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${gateway.key}` };
  const { body } = await gateway.fetch(path, { headers, signal: stop.signal });
  let text = '';
  let found: unknown;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const told = [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data ?? ''));
    found = told.find(isIt);
    if (found) break;
  }
  stop.abort();
  return found;
};

describe('every field of an instance and an executor', () => {
  const gpus = [
    { uuid: 'GPU-a', model: 'NVIDIA L4', memoryMb: 24_000 },
    { uuid: 'GPU-b', model: 'NVIDIA L4', memoryMb: 24_000 },
  ];
  const has = {
    slots: 4,
    memoryMb: 4_096,
    vcpu: 4,
    gpus: gpus.map(({ memoryMb }) => ({ memoryMb, isWhole: true })),
    encoderSessions: 3,
    diskMb: 9_000,
    diskShareMb: 1_000,
  };
  const left = {
    slots: 3,
    memoryMb: 3_968,
    vcpu: 3,
    gpus: [
      { memoryMb: 4_000, isWhole: false },
      { memoryMb: 24_000, isWhole: true },
    ],
    encoderSessions: 1,
    diskMb: 5_000,
    diskShareMb: 1_000,
  };
  const task = randomUUID();
  const measured: Instance = {
    id: randomUUID(),
    namespace: 'default',
    function: 'encode',
    version: 3,
    versionId: randomUUID(),
    runtime: 'nodejs',
    state: 'busy',
    ageMs: 5_000,
    requests: 7,
    memoryMb: 128,
    memoryBytes: 50_000_000,
    cpuMs: 900,
    readBytes: 4_096,
    writtenBytes: 8_192,
    tasks: [task],
    lastError: 'Some.Error',
  };

  beforeAll(async () => {
    const { body } = await worker('POST', 'executors', {
      name: 'gpu-box',
      labels: ['cpu'],
      capacity: has,
      version: '1',
    });
    executorId = body.executorId;
    await worker('PUT', `executors/${executorId}`, { capacity: has, abilities: { gpus } });
    await gateway.database.query(sql`
      insert into task (id, namespace, kind, resource, payload, status, attempt, executor_id, timeout_seconds,
                        started_at, progress, run_at, state_name)
      values (${task}, 'default', 'function', 'encode', '{}', 'RUNNING', 1, ${executorId}, 60,
              now() - interval '2 min', '{"percent": 40, "speed": 2.5, "etaSeconds": 9}', now() + interval '1 h', 'Encode')`);
    await worker('POST', `executors/${executorId}/poll`, {
      free: { slots: 0, memoryMb: 0, vcpu: 0 },
      spare: left,
      running: [],
      results: [],
      instances: [measured],
      waitMs: 0,
    });
  });

  const shown = () => ({ ...measured, executor: 'gpu-box', executorId });
  const details = () => ({
    name: 'gpu-box',
    state: 'active',
    capacity: has,
    free: left,
    abilities: { gpus },
    running: 1,
    instances: [shown()],
    tasks: [
      {
        id: task,
        attempt: 1,
        function: 'encode',
        stateName: 'Encode',
        progress: { percent: 40, speed: 2.5, etaSeconds: 9 },
        startedAt: expect.any(String),
      },
    ],
  });
  it('is in the API', async () => {
    expect((await gateway.call('GET', '/v1/instances?executor=gpu-box')).body.items).toEqual([shown()]);
    expect((await gateway.call('GET', `/v1/executors/${executorId}`)).body).toMatchObject(details());
  });

  it('is in the live streams', async () => {
    expect(await firstOf('/v1/instances/events', ({ id }) => id === measured.id)).toEqual(shown());
    expect(await firstOf('/v1/executors/events', ({ id }) => id === executorId)).toMatchObject(details());
  });

  it('is in Prometheus', async () => {
    const lines = (await gateway.call('GET', '/metrics')).text.split('\n');
    const executor = 'executor="gpu-box"';
    const instance = `namespace="default",function="encode",version="3",${executor},instance="${measured.id}"`;
    const held = `${executor},namespace="default",function="encode"`;
    const series = [
      `spool_instance_info{${instance},runtime="nodejs",state="busy",last_error="Some.Error"} 1`,
      `spool_instance_age_seconds{${instance}} 5`,
      `spool_instance_requests{${instance}} 7`,
      `spool_instance_cpu_seconds{${instance}} 0.9`,
      `spool_instance_used_bytes{${instance}} 50000000`,
      `spool_instance_read_bytes{${instance}} 4096`,
      `spool_instance_written_bytes{${instance}} 8192`,
      ...Object.entries({
        slots: 4,
        memoryMb: 4096,
        vcpu: 4,
        gpus: 2,
        gpuMemoryMb: 48_000,
        encoderSessions: 3,
        diskMb: 9_000,
      }).map(([resource, value]) => `spool_executor_capacity{${executor},resource="${resource}"} ${value}`),
      ...Object.entries({
        slots: 3,
        memoryMb: 3968,
        vcpu: 3,
        gpus: 1,
        gpuMemoryMb: 28_000,
        encoderSessions: 1,
        diskMb: 5_000,
      }).map(([resource, value]) => `spool_executor_free{${executor},resource="${resource}"} ${value}`),
      `spool_executor_gpu_memory_bytes{${executor},gpu="GPU-a",model="NVIDIA L4"} ${24_000 * 1_048_576}`,
      `spool_executor_gpu_memory_used_bytes{${executor},gpu="GPU-a",model="NVIDIA L4"} ${20_000 * 1_048_576}`,
      `spool_executor_gpu_memory_used_bytes{${executor},gpu="GPU-b",model="NVIDIA L4"} 0`,
      `spool_executor_draining{${executor}} 0`,
      `spool_executor_running_tasks{${executor}} 1`,
      `spool_running_tasks{${held}} 1`,
      `spool_running_tasks_least_percent{${held}} 40`,
      `spool_task_progress_percent{${held},task="${task}"} 40`,
    ];
    expect(series.filter((line) => !lines.includes(line))).toEqual([]);
    const age = lines.find((line) => line.startsWith(`spool_running_tasks_oldest_seconds{${held}}`)) ?? '';
    expect(Number(age.split(' ').at(-1))).toBeGreaterThanOrEqual(119);
  });

  it('of tasks stays within bounds, however many run', async () => {
    await gateway.database.query(sql`
      insert into task (id, namespace, kind, resource, payload, status, attempt, executor_id, timeout_seconds,
                        started_at, progress, run_at)
      select gen_random_uuid(), 'default', 'function', 'f' || n, '{}', 'RUNNING', 1, ${executorId}, 60,
             now() - interval '1 min', '{"percent": 1}', now() + interval '1 h'
      from generate_series(1, 700) n`);
    const { text } = await gateway.call('GET', '/metrics');
    expect(text.match(/^spool_task_progress_percent\{/gm)).toHaveLength(100);
    expect(text.match(/^spool_running_tasks\{/gm)).toHaveLength(501);
    expect(text).toMatch(/^spool_running_tasks\{executor="\(others\)",.*\} 2\d\d$/m);
    await gateway.database.query(sql`delete from task where resource like 'f%'`);
  });
});
