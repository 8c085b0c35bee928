import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../../test/support/engine.js';

interface Declared {
  readonly name: string;
  readonly inputs: Record<string, string>;
  readonly outputs: Record<string, string>;
}

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', {
    name: 'encode',
    runtime: 'command',
    command: ['true'],
    inputs: { source: '$.source' },
    outputs: { video: '$.destination' },
  });
});
afterAll(() => engine?.close());

const object = { 'bucket.$': '$.data.bucket', 'key.$': "States.Format('{}.small.mp4', $.data.key)" };
let made = 0;

async function deploy(source: object, target: object, more: object = {}) {
  const trigger = { name: `t-${++made}`, kind: 'object', source: { bucket: 'videos', ...source }, target, ...more };
  return engine.triggers.create('default', trigger as never);
}
async function workflow(States: object, more: object = {}): Promise<{ workflow: string }> {
  const name = `w-${++made}`;
  await engine.workflows.deploy('default', {
    name,
    definition: { StartAt: Object.keys(States)[0], States, ...more } as never,
  });
  return { workflow: name };
}
const encode = (Parameters: object, more: object = { End: true }) => ({
  Type: 'Task',
  Resource: 'function:encode',
  Parameters,
  ...more,
});
const refused = (message: string) => ({
  issues: [{ pointer: '/source', message: expect.stringContaining(message) }],
});

describe('a trigger of a function', () => {
  const input = { source: { 'bucket.$': '$.data.bucket', 'key.$': '$.data.key' }, destination: object };

  it('is refused when the function writes to where the trigger listens', async () => {
    await expect(deploy({ prefix: 'in/', suffix: '.mp4' }, { function: 'encode' }, { input })).rejects.toMatchObject(
      refused('is where the function encode writes s3://videos/in/….mp4.small.mp4'),
    );
  });

  it('is taken when that is said to be meant, or when only removed objects count', async () => {
    const allowed = await deploy({ allowSelfTrigger: true }, { function: 'encode' }, { input });
    expect(allowed.warnings).toEqual([]);
    expect((await deploy({ events: ['removed'] }, { function: 'encode' }, { input })).warnings).toEqual([]);
  });

  it.each([
    ['another bucket', {}, { ...object, 'bucket.$': undefined, bucket: 'out' }],
    ['another beginning', { prefix: 'in/' }, { ...object, 'key.$': "States.Format('out/{}', $.data.key)" }],
    ['another end', { suffix: '.mov' }, object],
    ['a key that is excluded', { exclude: ['done.mp4'] }, { bucket: 'videos', key: 'done.mp4' }],
    ['a folder elsewhere', { prefix: 'in/' }, { bucket: 'videos', prefix: 'hls/' }],
  ])('is taken without a warning when it writes to %s', async (_what, source, destination) => {
    const given = JSON.parse(JSON.stringify({ ...input, destination }));
    expect((await deploy(source, { function: 'encode' }, { input: given })).warnings).toEqual([]);
  });

  it('is taken with a warning when it depends on the object', async () => {
    const { warnings } = await deploy({ size: { min: 10 } }, { function: 'encode' }, { input });
    expect(warnings).toEqual([
      { pointer: '/source', message: expect.stringContaining('may be where the function encode writes') },
    ]);
  });

  it('is followed through JSONata as well', async () => {
    const destination = "{% {'bucket': $event.data.bucket, 'key': 'in/' & $event.data.etag & '.mp4'} %}";
    await expect(
      deploy({ prefix: 'in/' }, { function: 'encode' }, { queryLanguage: 'JSONata', input: { destination } }),
    ).rejects.toMatchObject(refused('s3://videos/in/….mp4'));
  });
});

const deployed = (name: string, States: object) =>
  engine.workflows.deploy('default', { name, definition: { StartAt: Object.keys(States)[0], States } as never });

describe('a workflow that a trigger starts', () => {
  const writing = { Encode: encode({ destination: object }) };
  const notThere = { pointer: '/definition' };

  it('is not deployed again as one that writes to where the trigger listens, but may write elsewhere', async () => {
    const { workflow: name } = await workflow({ Wait: { Type: 'Succeed' } });
    const listening = await deploy({ prefix: 'in/', suffix: '.mp4' }, { workflow: name });
    await expect(deployed(name, writing)).rejects.toMatchObject({
      issues: [{ ...notThere, message: expect.stringContaining(`the trigger ${listening.name} start itself`) }],
    });
    expect((await engine.workflows.get('default', name)).version).toBe(1);
    const elsewhere = encode({ destination: { bucket: 'others', 'key.$': '$.data.key' } });
    expect((await deployed(name, { Encode: elsewhere })).warnings).toEqual([]);
    expect((await deployed(name, { First: encode({}, { Next: 'Encode' }), ...writing })).warnings).toMatchObject([
      { code: 'self_trigger', message: expect.stringContaining(listening.name) },
    ]);
  });

  it('is judged too if another starts it, and not for triggers that start something else', async () => {
    const { workflow: child } = await workflow({ Wait: { Type: 'Succeed' } });
    const parent = await workflow({ Sub: { Type: 'Task', Resource: `workflow:${child}`, End: true } });
    await deploy({ suffix: '.mp4', prefix: 'parents/' }, parent);
    await expect(deployed(child, writing)).rejects.toMatchObject({ issues: [notThere] });
    const { workflow: unrelated } = await workflow({ Wait: { Type: 'Succeed' } });
    expect((await deployed(unrelated, writing)).warnings).toEqual([]);
  });
});

describe('a trigger of a workflow', () => {
  it('is refused when a state behind others writes there, by what they leave as it is', async () => {
    const target = await workflow({
      Probe: { ...encode({ 'source.$': '$' }, { Next: 'Each' }), ResultPath: '$.facts' },
      Each: {
        Type: 'Map',
        ItemsPath: '$.facts.rungs',
        ItemSelector: { 'film.$': '$.data', 'rung.$': '$$.Map.Item.Value' },
        ItemProcessor: {
          StartAt: 'Encode',
          States: {
            Encode: encode({
              destination: {
                'bucket.$': '$.film.bucket',
                'key.$': "States.Format('{}/{}.mp4', $.film.key, $.rung.name)",
              },
            }),
          },
        },
        End: true,
      },
    });
    await expect(deploy({ suffix: '.mp4' }, target)).rejects.toMatchObject(
      refused(`is where the state "Encode" of ${target.workflow} writes s3://videos/….mp4/….mp4`),
    );
  });

  it('is taken with a warning when a state may have put something else in its place', async () => {
    const target = await workflow({
      Plan: encode({}, { Next: 'Encode' }),
      Encode: encode({ destination: object }),
    });
    expect((await deploy({}, target)).warnings).toHaveLength(1);
  });

  it('is refused when it puts or copies objects there itself, or another workflow does for it', async () => {
    const put = await workflow(
      {
        Put: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
          Arguments: { Bucket: 'videos', Key: "{% 'notes/' & $states.context.Execution.Input.data.key %}", Body: 'x' },
          End: true,
        },
      },
      { QueryLanguage: 'JSONata' },
    );
    await expect(deploy({}, put)).rejects.toMatchObject(refused('the state "Put" of'));
    const parent = await workflow({ Sub: { Type: 'Task', Resource: `workflow:${put.workflow}`, End: true } });
    await expect(deploy({}, parent)).rejects.toMatchObject(refused('the state "Sub" of'));
    expect((await deploy({ prefix: 'in/' }, put)).warnings).toEqual([]);
  });

  it('is refused as the built-in pipeline would write its chunks beside the film', async () => {
    const input = { source: { 'bucket.$': '$.data.bucket', 'key.$': '$.data.key' }, 'bucket.$': '$.data.bucket' };
    const target = { workflow: 'adaptive-streaming' };
    const { readFile } = await import('node:fs/promises');
    const definition = JSON.parse(await readFile('workflows/adaptive-streaming.json', 'utf8')) as never;
    const chunk = JSON.parse(await readFile('functions/media/encode-chunk/function.json', 'utf8')) as Declared;
    const { name, inputs, outputs } = chunk;
    await engine.functions.deploy('default', { name, inputs, outputs, runtime: 'command', command: ['true'] });
    await engine.workflows.deploy('default', { name: 'adaptive-streaming', definition });
    await expect(deploy({ suffix: '.mp4' }, target, { input })).rejects.toMatchObject(refused('Encode a chunk'));
    expect((await deploy({ suffix: '.mov' }, target, { input })).warnings).toEqual([]);
  });
});
