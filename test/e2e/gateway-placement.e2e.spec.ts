import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inputKeyOf } from '@app/worker-api';
import { type Answer, EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';

const free = { slots: 10, memoryMb: 100_000, vcpu: 100 };
const gpu = { uuid: 'GPU-SIMULATED-0', model: 'Simulated GPU', memoryMb: 80_000, isSimulated: true };
const code = { runtime: 'command', command: ['true'] };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());

const worker = (method: string, path: string, body?: unknown): Promise<Answer> =>
  gateway.call(method, `/worker/v1/${path}`, body, { authorization: `Bearer ${EXECUTOR_TOKEN}` });
const register = async (name: string, more: object = {}): Promise<string> =>
  (await worker('POST', 'executors', { name, labels: ['cpu'], capacity: free, version: '1', ...more })).body.executorId;
const poll = async (id: string, more: object = {}) =>
  (await worker('POST', `executors/${id}/poll`, { free, running: [], results: [], waitMs: 0, ...more })).body;
const invoke = (name: string) => gateway.call('POST', `/v1/functions/${name}/invocations?mode=async`, {});
const waitingOf = async (id: string) => (await gateway.call('GET', `/v1/invocations/${id}`)).body.waiting;
const deploy = (name: string, config: object) => gateway.call('POST', '/v1/functions', { name, ...code, ...config });

describe('what a function asks for', () => {
  it('is checked: the field and the rule are named', async () => {
    const { status, body } = await deploy('broken', { gpuMemoryMb: 10, encoders: ['Bad One'], maxConcurrency: 0 });
    expect(status).toBe(400);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(['/encoders/0', '/maxConcurrency']),
    );
    const alone = await deploy('broken', { gpuMemoryMb: 10 });
    expect(alone.body.errors[0]).toMatchObject({ pointer: '/gpuMemoryMb', message: expect.stringContaining('gpus') });
    const both = await deploy('broken', { gpus: 1, preferGpu: {} });
    expect(both.body.errors[0]).toMatchObject({ pointer: '/preferGpu' });
  });

  it('decides where its tasks run, and each waiting one says what it waits for', async () => {
    await deploy('train', { gpus: 1, encoders: ['h264_nvenc'] });
    const { id } = (await invoke('train')).body;
    expect((await waitingOf(id)).reasons).toEqual([{ code: 'no_executor', message: 'No executor is there' }]);
    const plain = await register('plain');
    expect(await poll(plain)).toMatchObject({ tasks: [] });
    expect((await waitingOf(id)).reasons).toEqual([
      { code: 'missing_label', message: 'No executor has the label encoder=h264_nvenc' },
    ]);
    const device = [{ memoryMb: 80_000, isWhole: true }];
    const capable = await register('capable', { capacity: { ...free, gpus: device }, abilities: { gpus: [gpu] } });
    expect(await poll(capable, { free: { ...free, gpus: device } })).toMatchObject({ tasks: [] });
    const abilities = { gpus: [gpu], encoders: ['h264_nvenc'] };
    expect(
      (await worker('PUT', `executors/${capable}`, { capacity: { ...free, gpus: device }, abilities })).status,
    ).toBe(204);
    const { tasks } = await poll(capable, { free: { ...free, gpus: device } });
    expect(tasks).toMatchObject([{ id, resources: { gpus: 1, encoderSessions: 1 } }]);
    expect(await waitingOf(id)).toBeUndefined();
    const { items } = (await gateway.call('GET', '/v1/executors')).body;
    expect(items.find(({ name }: { name: string }) => name === 'capable')).toMatchObject({
      labels: ['cpu'],
      state: 'active',
      abilities: { gpus: [{ model: 'Simulated GPU', isSimulated: true }], encoders: ['h264_nvenc'] },
    });
  });
});

describe('a quota', () => {
  it('of what may wait refuses calls beyond, with the time to try again', async () => {
    await deploy('queued', { labels: ['nowhere'] });
    expect((await gateway.call('GET', '/v1/quotas')).body).not.toHaveProperty('maxQueued');
    expect((await gateway.call('PUT', '/v1/quotas', { maxQueued: 2 })).body).toMatchObject({ maxQueued: 2 });
    expect([(await invoke('queued')).status, (await invoke('queued')).status]).toEqual([202, 202]);
    const refused = await invoke('queued');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body).toMatchObject({ code: 'queue_quota_reached', maxQueued: 2 });
    await gateway.call('PUT', '/v1/quotas', {});
    expect((await invoke('queued')).status).toBe(202);
  });

  it('of what may run holds tasks back, which say so', async () => {
    await deploy('held', {});
    await gateway.call('PUT', '/v1/quotas', { maxRunning: 2 });
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await invoke('held')).body.id as string);
    const executor = await register('limited');
    const { tasks } = await poll(executor);
    expect(tasks.length).toBeLessThan(3);
    const left = ids.find((id) => !tasks.some((task: { id: string }) => task.id === id)) ?? '';
    expect((await waitingOf(left)).reasons[0]).toMatchObject({ code: 'namespace_quota' });
    await gateway.call('PUT', '/v1/quotas', {});
    expect(
      (
        await poll(executor, {
          running: tasks.map(({ id, attempt }: { id: string; attempt: number }) => ({ id, attempt })),
        })
      ).tasks.length,
    ).toBeGreaterThan(0);
  });
});

describe('a function that asks for', () => {
  it('a model of GPU runs where there is one', async () => {
    await deploy('modelled', { gpus: 1, labels: ['gpu-model=simulated-gpu'] });
    const { id } = (await invoke('modelled')).body;
    const device = [{ memoryMb: 80_000, isWhole: true }];
    const room = { ...free, gpus: device };
    const other = await register('other-model', { capacity: room, abilities: { gpus: [{ ...gpu, model: 'Other' }] } });
    expect(await poll(other, { free: room })).toMatchObject({ tasks: [] });
    const right = await register('right-model', { capacity: room, abilities: { gpus: [gpu] } });
    expect((await poll(right, { free: room })).tasks).toMatchObject([{ id }]);
  });

  it('disk runs where so much is free, is told how much it has, and says that it waits for it', async () => {
    await deploy('spacious', { diskMb: 600 });
    const { id } = (await invoke('spacious')).body;
    const room = { ...free, diskMb: 1_000, diskShareMb: 100 };
    const executor = await register('disk', { capacity: room });
    const little = { ...room, diskMb: 500 };
    expect(await poll(executor, { free: little })).toMatchObject({ tasks: [] });
    const why = { code: 'busy', message: 'No executor with its labels has free 600 MB of disk' };
    expect((await waitingOf(id)).reasons).toEqual([why]);
    expect((await poll(executor, { free: room })).tasks).toMatchObject([{ id, resources: { diskMb: 600 } }]);
  });
});

const read = async (key: string): Promise<string> => {
  const input = { film: { bucket: 'films', key } };
  return (await gateway.call('POST', '/v1/functions/reads/invocations?mode=async', input)).body.id;
};

describe('an executor that has the input of a task already', () => {
  it('is given that task first, though another of the function was there before', async () => {
    await deploy('reads', { inputs: { film: '$.film' } });
    const [other, local] = [await read('b'), await read('a')];
    const having = await register('having');
    const inputs = [inputKeyOf(createHash('sha256').update('films/a').digest('hex'))];
    const one = { inputs, free: { ...free, slots: 1 } };
    expect((await poll(having, one)).tasks).toMatchObject([{ id: local }]);
    const running = [{ id: local, attempt: 1 }];
    expect((await poll(having, { ...one, running })).tasks).toMatchObject([{ id: other }]);
  });
});

describe('an executor that is asked to stop', () => {
  it('is given nothing more, is told so, and what it hands back goes to another at once', async () => {
    await deploy('moved', {});
    const first = await register('first');
    const { id } = (await invoke('moved')).body;
    const [task] = (await poll(first)).tasks;
    expect(task).toMatchObject({ id, attempt: 1 });
    expect((await gateway.call('POST', `/v1/executors/${first}/drain`)).body).toMatchObject({ state: 'draining' });
    await invoke('moved');
    expect(await poll(first, { running: [{ id, attempt: 1 }] })).toMatchObject({ tasks: [], drain: true });
    expect(await poll(first, { handedBack: [{ id, attempt: 1 }] })).toMatchObject({ tasks: [], drain: true });
    expect((await worker('DELETE', `executors/${first}`)).status).toBe(204);
    const second = await register('second');
    const given = (await poll(second)).tasks;
    expect(given).toEqual(expect.arrayContaining([expect.objectContaining({ id, attempt: 2 })]));
    const late = { id, attempt: 1, status: 'SUCCEEDED', output: 1, outputs: [], usage: { wallMs: 1 } };
    expect(await poll(first, { results: [late] })).toMatchObject({ refused: [{ id, attempt: 1 }] });
    expect((await gateway.call('POST', '/v1/executors/00000000-0000-4000-8000-000000000000/drain')).status).toBe(404);
  });
});
