import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.call('POST', '/v1/activities', { name: 'review' });
  const States = { Review: { Type: 'Task', Resource: 'activity:review', HeartbeatSeconds: 60, End: true } };
  await gateway.call('POST', '/v1/workflows', { name: 'reviewed', definition: { StartAt: 'Review', States } });
});
afterAll(() => gateway?.close());

const start = async (input: unknown): Promise<string> =>
  (await gateway.call('POST', '/v1/workflows/reviewed/executions', { input })).body.id;
const poll = async (more: object = {}) =>
  (await gateway.call('POST', '/v1/activities/review/tasks', { workerName: 'eye', waitSeconds: 10, ...more })).body
    .tasks;
const get = async (id: string) => (await gateway.call('GET', `/v1/executions/${id}?wait=10`)).body;

describe('a worker outside of Spool', () => {
  it('polls an activity, says that it goes on, and ends the state with its result', async () => {
    const polled = poll();
    const id = await start({ film: 'Metropolis' });
    const [task] = await polled;
    expect(task).toEqual({
      taskToken: expect.stringMatching(/^[\w-]{43}$/),
      input: { film: 'Metropolis' },
      executionId: id,
      stateName: 'Review',
      heartbeatSeconds: 60,
    });
    const { taskToken } = task;
    expect((await gateway.call('POST', '/v1/task-tokens/heartbeat', { taskToken })).status).toBe(204);
    const answer = await gateway.call('POST', '/v1/task-tokens/success', { taskToken, output: { stars: 5 } });
    expect(answer.status).toBe(204);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: { stars: 5 } });
  });

  it('fails a state with an error that Retry and Catch know', async () => {
    const id = await start({});
    const [{ taskToken }] = await poll();
    await gateway.call('POST', '/v1/task-tokens/failure', { taskToken, error: 'Censored', cause: 'too long' });
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'Censored', cause: 'too long' });
  });

  it('ends many tasks in one request, and is told of each whether it was in time', async () => {
    const ids = [await start(1), await start(2)];
    const [one, two] = await poll({ maxTasks: 10 });
    const answer = await gateway.call('POST', '/v1/task-tokens/results', {
      results: [
        { taskToken: one.taskToken, output: one.input * 10 },
        { taskToken: two.taskToken, error: 'No' },
        { taskToken: 'made-up', output: null },
        { taskToken: one.taskToken, output: 'again' },
      ],
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        results: [
          { taken: true },
          { taken: true },
          { taken: false, code: 'invalid_token' },
          { taken: false, code: 'task_timed_out' },
        ],
      },
    });
    const ends = await Promise.all(ids.map(get));
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['FAILED', 'SUCCEEDED']);
  });

  it('is answered with an empty list when there is nothing to do', async () => {
    expect(await poll({ waitSeconds: 0 })).toEqual([]);
  });
});

describe('an answer by token', () => {
  it('that cannot be taken is refused with a problem that says why', async () => {
    const success = (body: object) => gateway.call('POST', '/v1/task-tokens/success', body);
    expect(await success({ taskToken: 'made-up', output: 1 })).toMatchObject({
      status: 400,
      body: { code: 'invalid_token' },
    });
    expect((await success({ taskToken: 'made-up' })).body).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/output' }],
    });
    await start({});
    const [{ taskToken }] = await poll();
    expect(await success({ taskToken, output: 'x'.repeat(16 * 1024 * 1024) })).toMatchObject({
      status: 400,
      body: { code: 'invalid_output' },
    });
    expect((await success({ taskToken, output: 1 })).status).toBe(204);
    expect(await success({ taskToken, output: 2 })).toMatchObject({ status: 409, body: { code: 'task_timed_out' } });
    expect(await gateway.call('POST', '/v1/task-tokens/heartbeat', { taskToken })).toMatchObject({
      status: 409,
      body: { code: 'task_timed_out' },
    });
  });
});

describe('an activity', () => {
  it('is made, shown, listed and deleted', async () => {
    const made = await gateway.call('POST', '/v1/activities', { name: 'cut' });
    expect(made).toMatchObject({ status: 201, body: { name: 'cut', resource: 'activity:cut', queued: 0, running: 0 } });
    expect((await gateway.call('POST', '/v1/activities', { name: 'cut' })).body).toEqual(made.body);
    expect((await gateway.call('GET', '/v1/activities')).body.items).toContainEqual(made.body);
    expect((await gateway.call('DELETE', '/v1/activities/cut')).status).toBe(204);
    expect(await gateway.call('GET', '/v1/activities/cut')).toMatchObject({
      status: 404,
      body: { code: 'activity_not_found' },
    });
  });

  it('has a name as AWS takes it', async () => {
    for (const name of ['', 'a b', 'a/b', 'a:b', 'x'.repeat(81)]) {
      const { body } = await gateway.call('POST', '/v1/activities', { name });
      expect(body).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/name' }] });
    }
  });
});
