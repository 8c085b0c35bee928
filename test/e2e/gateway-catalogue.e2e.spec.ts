import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

const machine = { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'function:work', End: true } } };
const work = { name: 'work', runtime: 'nodejs', files: { 'index.js': 'exports.handler = async (event) => event' } };

const task = (Resource: string) => ({ Type: 'Task', Resource, End: true });
const trigger = (more: object) => ({
  name: 't',
  kind: 'object',
  source: { bucket: 'uploads' },
  target: { workflow: 'target' },
  ...more,
});

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  expect((await gateway.call('POST', '/v1/functions', work)).status).toBe(201);
});
afterAll(() => gateway?.close());

describe('functions', () => {
  it('are deployed, shown, listed and deleted', async () => {
    const wanted = { ...work, name: 'one', timeoutSeconds: 5, labels: ['gpu'], inputs: { video: '$.source' } };
    const deployed = await gateway.call('POST', '/v1/functions', wanted);
    const { files: _, ...config } = wanted;
    expect(deployed.status).toBe(201);
    expect(deployed.body).toMatchObject({ ...config, version: 1, handler: 'index.handler', memoryMb: 512 });
    expect(deployed.body.codeDigest).toMatch(/^[0-9a-f]{64}$/);
    expect((await gateway.call('GET', '/v1/functions/one')).body).toEqual(deployed.body);
    expect((await gateway.call('GET', '/v1/functions')).body.items.map(({ name }: { name: string }) => name)).toContain(
      'one',
    );
    expect((await gateway.call('DELETE', '/v1/functions/one')).status).toBe(204);
    expect(await gateway.call('GET', '/v1/functions/one')).toMatchObject({
      status: 404,
      body: { code: 'function_not_found' },
    });
  });

  it('get a new version for new code only', async () => {
    const deploy = async (code: string) =>
      (await gateway.call('POST', '/v1/functions', { ...work, name: 'two', files: { 'index.js': code } })).body.version;
    expect([await deploy('1'), await deploy('2'), await deploy('2'), await deploy('1')]).toEqual([1, 2, 2, 1]);
    const { body } = await gateway.call('GET', '/v1/functions/two/versions');
    expect(body.items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    expect((await gateway.call('GET', '/v1/functions/two')).body.version).toBe(1);
  });

  it.each([
    ['a name with a space', { ...work, name: 'a b' }, ['/name']],
    ['no runtime', { ...work, runtime: undefined }, ['/runtime']],
    ['an unknown runtime and field', { ...work, runtime: 'ruby', colour: 1 }, ['/colour', '/runtime']],
    ['limits out of range', { ...work, timeoutSeconds: 86_401, memoryMb: 63 }, ['/memoryMb', '/timeoutSeconds']],
    ['no code', { ...work, files: undefined }, ['/files']],
    ['files and a zip', { ...work, zip: 'AAAA' }, ['/zip']],
    ['a file outside', { ...work, files: { '../index.js': '' } }, ['/files/..~1index.js']],
    ['an absolute file', { ...work, files: { '/index.js': '' } }, ['/files/~1index.js']],
    ['a handler whose file is missing', { ...work, handler: 'main.run' }, ['/handler']],
    ['a command without one', { name: 'c', runtime: 'command' }, ['/command']],
    ['a handler for a command', { name: 'c', runtime: 'command', command: ['true'], handler: 'a.b' }, ['/handler']],
    ['a path that is none', { ...work, inputs: { a: 'source' } }, ['/inputs/a']],
    ['a path that does not parse', { ...work, inputs: { a: '$.[' } }, ['/inputs/a']],
    ['a label in capitals', { ...work, labels: ['ok', 'GPU'] }, ['/labels/1']],
    ['a variable of ours', { ...work, environment: { SPOOL_X: '1' } }, ['/environment/SPOOL_X']],
    ['a zip that is none', { ...work, files: undefined, zip: 'AAAA' }, ['/zip']],
    ['a zip that is not base64', { ...work, files: undefined, zip: 'nö' }, ['/zip']],
  ])('with %s are refused with a pointer to it', async (_what, wanted, pointers) => {
    const answer = await gateway.call('POST', '/v1/functions', wanted);
    expect([answer.status, pointersOf(answer.body)]).toEqual([400, pointers]);
  });

  it('may be as large as 50 MB of zip, in a body that others may not send', async () => {
    const zip = Buffer.alloc(12 * 1024 * 1024).toString('base64');
    const answer = await gateway.call('POST', '/v1/functions', { ...work, files: undefined, zip });
    expect([answer.status, pointersOf(answer.body)]).toEqual([400, ['/zip']]);
  });
});

describe('workflows', () => {
  it('are deployed, changed, shown, listed and deleted', async () => {
    const deployed = await gateway.call('POST', '/v1/workflows', { name: 'flow', definition: machine });
    expect(deployed).toMatchObject({
      status: 201,
      body: { name: 'flow', version: 1, definition: machine, warnings: [] },
    });
    const definition = { ...machine, Comment: 'changed' };
    expect((await gateway.call('PUT', '/v1/workflows/flow', { definition })).body).toMatchObject({
      version: 2,
      definition,
    });
    expect((await gateway.call('GET', '/v1/workflows/flow')).body.version).toBe(2);
    expect((await gateway.call('GET', '/v1/workflows/flow/versions')).body.items).toHaveLength(2);
    expect((await gateway.call('GET', '/v1/workflows')).body.items).toHaveLength(1);
    expect((await gateway.call('DELETE', '/v1/workflows/flow')).status).toBe(204);
    expect(await gateway.call('GET', '/v1/workflows/flow')).toMatchObject({
      status: 404,
      body: { code: 'workflow_not_found' },
    });
  });

  it('are told everything that is wrong with them at once, each with a pointer', async () => {
    const definition = {
      StartAt: 'Nowhere',
      States: {
        A: { Type: 'Task', Resource: 'function:work', Next: 'B' },
        'C/D': { Type: 'Wait', Seconds: -1, End: true },
      },
    };
    const answer = await gateway.call('POST', '/v1/workflows', { name: 'bad', definition });
    expect(answer.status).toBe(400);
    const pointers = pointersOf(answer.body);
    expect(pointers).toEqual(expect.arrayContaining(['/definition/StartAt', '/definition/States/A/Next']));
    expect(pointers.some((pointer) => pointer.startsWith('/definition/States/C~1D'))).toBe(true);
    const checked = await gateway.call('POST', '/v1/workflows/validate', { definition });
    expect(checked).toMatchObject({ status: 200, body: { valid: false } });
    expect(checked.body.problems.map(({ pointer }: { pointer: string }) => `/definition${pointer}`).toSorted()).toEqual(
      pointers,
    );
  });

  it('are warned of functions that are not there yet, wherever in them they stand', async () => {
    const definition = {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          End: true,
          Branches: [
            { StartAt: 'X', States: { X: task('function:missing') } },
            { StartAt: 'Y', States: { Y: task('function:work:7') } },
            { StartAt: 'Z', States: { Z: task('function:work') } },
          ],
        },
      },
    };
    const { body } = await gateway.call('POST', '/v1/workflows', { name: 'warned', definition });
    expect(body.warnings).toMatchObject([
      { pointer: '/States/P/Branches/0/States/X/Resource', code: 'unknown_function' },
      { pointer: '/States/P/Branches/1/States/Y/Resource', code: 'unknown_function' },
    ]);
  });
});

describe('triggers', () => {
  beforeAll(async () => {
    await gateway.call('POST', '/v1/workflows', { name: 'target', definition: machine });
  });

  it('are made, changed, shown, listed and deleted', async () => {
    const made = await gateway.call('POST', '/v1/triggers', trigger({ input: { 'key.$': '$.data.key' } }));
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 't',
        source: { bucket: 'uploads', events: ['created'] },
        input: { 'key.$': '$.data.key' },
        enabled: true,
      },
    });
    expect(await gateway.call('POST', '/v1/triggers', trigger({}))).toMatchObject({
      status: 409,
      body: { code: 'trigger_name_taken' },
    });
    const { name: _, ...change } = trigger({ kind: 'schedule', source: { cron: '0 3 * * *' } });
    const changed = await gateway.call('PUT', '/v1/triggers/t', change);
    expect(changed.body).toMatchObject({ kind: 'schedule', source: { cron: '0 3 * * *', timezone: 'UTC' } });
    expect(changed.body).not.toHaveProperty('input');
    expect((await gateway.call('GET', '/v1/triggers')).body.items).toHaveLength(1);
    expect(await gateway.call('DELETE', '/v1/workflows/target')).toMatchObject({
      status: 409,
      body: { code: 'workflow_in_use' },
    });
    expect((await gateway.call('DELETE', '/v1/triggers/t')).status).toBe(204);
    expect(await gateway.call('GET', '/v1/triggers/t')).toMatchObject({
      status: 404,
      body: { code: 'trigger_not_found' },
    });
  });

  it.each([
    ['no kind', { kind: undefined }, ['/kind']],
    ['our own bucket', { source: { bucket: 'spool-system' } }, ['/source/bucket']],
    ['a bad cron', { kind: 'schedule', source: { cron: '61 * * * *' } }, ['/source/cron']],
    ['a bad time zone', { kind: 'schedule', source: { cron: '@daily', timezone: 'Mars' } }, ['/source/timezone']],
    ['a source of another kind', { kind: 'topic' }, ['/source/bucket', '/source/topic']],
    ['a target that is not there', { target: { workflow: 'nowhere' } }, ['/target/workflow']],
    ['a function that is not there', { target: { function: 'nowhere' } }, ['/target/function']],
    ['two targets', { target: { workflow: 'target', function: 'work' } }, ['/target']],
    ['a template that cannot work', { input: { 'a.$': 'data.key' } }, ['/input/a.$']],
  ])('with %s are refused with a pointer to it', async (_what, more, pointers) => {
    const answer = await gateway.call('POST', '/v1/triggers', trigger(more));
    expect([answer.status, pointersOf(answer.body)]).toEqual([400, pointers]);
  });
});

function pointersOf(problem: { errors?: { pointer: string }[] }): string[] {
  return [...new Set(problem.errors?.map(({ pointer }) => pointer))].toSorted();
}
