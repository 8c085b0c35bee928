import { MapRunTurnsService } from '@app/engine';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());

const post = (path: string, body: object = {}) => gateway.call('POST', `/v1/${path}`, body);
const get = async (path: string) => (await gateway.call('GET', `/v1/${path}`)).body;
const startOf = async (name: string, definition: object, input: unknown) => {
  await post('workflows', { name, definition });
  return (await post(`workflows/${name}/executions`, { input })).body;
};

describe('an execution that failed', () => {
  const definition = {
    StartAt: 'Check',
    States: {
      Check: { Type: 'Choice', Choices: [{ Variable: '$.ok', BooleanEquals: true, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Succeed' },
      No: { Type: 'Fail', Error: 'NotOk', Cause: 'ok is false' },
    },
  };

  it('is redriven from where it failed', async () => {
    const failed = await startOf('redriven', definition, { ok: false });
    expect(failed).toMatchObject({ status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE' });
    const again = await post(`executions/${failed.id}/redrive`);
    expect(again).toMatchObject({
      status: 200,
      body: { id: failed.id, status: 'FAILED', redriveCount: 1, redrivenAt: expect.any(String) },
    });
    const { items } = await get(`executions/${failed.id}/history`);
    expect(items.map(({ type }: { type: string }) => type)).toContain('ExecutionRedriven');
  });

  it('is run again from any state with another input', async () => {
    const failed = await startOf('rerun', definition, { ok: false });
    const again = await post(`executions/${failed.id}/rerun`, { from: 'Check', input: { ok: true }, name: 'again' });
    expect(again).toMatchObject({
      status: 201,
      body: { name: 'again', status: 'SUCCEEDED', output: { ok: true }, rerunOf: failed.id, version: 1 },
    });
    const taken = await post(`executions/${failed.id}/rerun`, { from: 'Check', name: 'again' });
    expect(taken).toMatchObject({ status: 409, body: { code: 'execution_already_exists' } });
    const wrong = await post(`executions/${failed.id}/rerun`, { from: 'Nowhere' });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: '/from' }] } });
    const named = await post(`executions/${failed.id}/rerun`, { from: 'Check', variables: { 'not a name': 1 } });
    expect(named).toMatchObject({ status: 400, body: { errors: [{ pointer: '/variables/not a name' }] } });
    const done = await post(`executions/${again.body.id}/redrive`);
    expect(done).toMatchObject({ status: 409, body: { code: 'execution_not_redrivable' } });
  });
});

describe('a map run', () => {
  it('is shown with its counts, and its executions are listed in pages', async () => {
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'A',
      States: { A: { Type: 'Pass', End: true } },
    };
    const ItemBatcher = { MaxItemsPerBatch: 2 };
    const Each = { Type: 'Map', ItemProcessor, ItemBatcher, MaxConcurrency: 3, End: true };
    const { id } = await startOf('each', { StartAt: 'Each', States: { Each } }, [1, 2, 3, 4, 5]);
    const [waiting] = (await get(`executions/${id}/map-runs`)).items;
    expect(waiting).toMatchObject({ executionId: id, stateName: 'Each', status: 'RUNNING', maxConcurrency: 3 });
    expect(waiting.itemCounts).toMatchObject({ pending: 5, running: 0, succeeded: 0, total: 5 });
    const change = (body: object) => gateway.call('PATCH', `/v1/map-runs/${waiting.id}`, body);
    const changed = { maxConcurrency: 0, toleratedFailurePercentage: 12.5 };
    expect(await change(changed)).toMatchObject({ status: 200, body: { ...changed, status: 'RUNNING' } });
    expect(await change({})).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await change({ toleratedFailurePercentage: 101 })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/toleratedFailurePercentage' }] },
    });
    const turns = gateway.app.get(MapRunTurnsService, { strict: false });
    while ((await turns.runDue(1)) > 0);
    const mapRun = await get(`map-runs/${waiting.id}`);
    expect(mapRun).toMatchObject({ status: 'SUCCEEDED', endedAt: expect.any(String) });
    expect(mapRun.itemCounts).toMatchObject({ pending: 0, running: 0, succeeded: 5, total: 5 });
    expect(mapRun.executionCounts).toMatchObject({ pending: 0, running: 0, succeeded: 3, total: 3 });
    expect(await change(changed)).toMatchObject({ status: 409, body: { code: 'map_run_has_ended' } });
    const first = await get(`executions?mapRun=${mapRun.id}&limit=2`);
    const rest = await get(`executions?mapRun=${mapRun.id}&limit=2&cursor=${first.nextCursor}`);
    const children = [...first.items, ...rest.items];
    expect(new Set(children.map((child) => child.mapRun.index))).toEqual(new Set([0, 1, 2]));
    expect(children[0]).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', mapRun: { id: mapRun.id } });
    expect((await get('executions?workflow=each')).items).toHaveLength(1);
  });

  it('of nobody is not found', async () => {
    const answer = await gateway.call('GET', '/v1/map-runs/00000000-0000-4000-8000-000000000000');
    expect(answer).toMatchObject({ status: 404, body: { code: 'map_run_not_found' } });
  });
});

describe('test-state', () => {
  const state = {
    Type: 'Task',
    Resource: 'function:work',
    Parameters: { 'id.$': '$.order.id' },
    ResultPath: '$.priced',
    Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 3, MaxAttempts: 2 }],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Sorry' }],
    Next: 'After',
  };
  const input = { order: { id: 7 } };
  const test = (body: object) => post('workflows/test-state', { definition: state, input, ...body });

  it('gives the output of a state with a mocked result, and each step of its data', async () => {
    expect(await test({ mock: { result: { price: 5 } } })).toMatchObject({
      status: 200,
      body: {
        status: 'SUCCEEDED',
        output: { order: { id: 7 }, priced: { price: 5 } },
        nextState: 'After',
        inspectionData: { input, afterParameters: { id: 7 }, result: { price: 5 } },
      },
    });
  });

  it('refuses a state that is too deep to be looked at', async () => {
    const deep = JSON.parse('{"And":['.repeat(450) + ']}'.repeat(450)) as object;
    const definition = { Type: 'Choice', Choices: [{ ...deep, Next: 'After' }] };
    expect(await test({ definition })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/definition', message: expect.stringContaining('levels deep') }] },
    });
  });

  it('says what becomes of a mocked error', async () => {
    const error = { error: 'Busy', cause: 'later' };
    expect((await test({ mock: { error } })).body).toMatchObject({ status: 'RETRIABLE', error: 'Busy' });
    expect((await test({ mock: { error }, retryCount: 2 })).body).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'Sorry',
      output: { error: { Error: 'Busy', Cause: 'later' } },
    });
  });

  it('takes one state of a whole definition, with its language', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Pass', Output: '{% $states.input.order.id + $more %}', End: true } },
    };
    const { body } = await test({ definition, stateName: 'A', variables: { more: 1 } });
    expect(body).toMatchObject({ status: 'SUCCEEDED', output: 8 });
    expect((await test({ definition, stateName: 'B' })).body.errors).toEqual([
      { pointer: '/stateName', message: 'there is no state B' },
    ]);
  });

  it('takes the context, the level and the state configuration of AWS', async () => {
    const definition = {
      Type: 'Task',
      Resource: 'topic:asked.waitForTaskToken',
      Parameters: { 'token.$': '$$.Task.Token', 'by.$': '$$.Execution.Name', 'state.$': '$$.State.Name' },
      Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 2 }],
      End: true,
    };
    const context = { Task: { Token: 'abc' }, Execution: { Name: 'nightly' }, State: { Name: 'Ask' } };
    const tried = (more: object) => test({ definition, context, ...more });
    const passed = await tried({ mock: { result: 1 }, inspectionLevel: 'TRACE' });
    expect(passed.body.inspectionData.afterParameters).toEqual({ token: 'abc', by: 'nightly', state: 'Ask' });
    expect(await tried({ mock: { result: 1 }, inspectionLevel: 'INFO' })).toMatchObject({
      status: 200,
      body: { status: 'SUCCEEDED', output: 1 },
    });
    expect((await tried({ mock: { result: 1 }, inspectionLevel: 'INFO' })).body).not.toHaveProperty('inspectionData');
    const mock = { errorOutput: { error: 'Busy' } };
    expect((await tried({ mock, stateConfiguration: { retrierRetryCount: 1 } })).body.status).toBe('RETRIABLE');
    expect((await tried({ mock, stateConfiguration: { retrierRetryCount: 2 } })).body.status).toBe('FAILED');
    expect(await tried({ mock, stateConfiguration: { errorCausedByState: 'Nobody' } })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/stateConfiguration/errorCausedByState' }] },
    });
    expect(await tried({ mock, definition: { ...definition, Resource: 'function:work' } })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: expect.stringContaining('/') }] },
    });
  });

  it('refuses a state with what is wrong about it, and one whose work is not mocked', async () => {
    const broken = await test({ definition: { ...state, Parameters: { 'id.$': '$.[' } } });
    expect(broken.status).toBe(400);
    expect(broken.body.errors).toEqual([
      expect.objectContaining({ pointer: expect.stringMatching(/^\/definition\/Parameters/) }),
    ]);
    expect((await test({})).body.errors).toEqual([expect.objectContaining({ pointer: '/mock' })]);
  });
});
