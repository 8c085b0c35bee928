import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import {
  type NewFunction,
  ResultCacheService,
  RetentionService,
  UPKEEP,
  TaskResultsService,
  TaskUploadsService,
} from '@app/engine';
import type { Task } from '@app/queue';
import { Offers } from '../executions/offers.js';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { eventually } from '../../../../test/support/standalone.js';

let engine: TestEngine;
let runs: number;
let tools: Record<string, string>;
beforeAll(async () => {
  engine = await createEngine();
  for (const bucket of ['in', 'out'].map(named)) await engine.objects.ensureBucket(bucket);
});
beforeEach(async () => {
  await engine.database.query(sql`delete from result_cache`);
  tools = { ffmpeg: '5.1' };
  runs = 0;
});
afterAll(() => engine.close());

const named = (bucket: string) => `cached-${bucket}`;
const source = { bucket: 'cached-in', key: 'film.mov' };
const put = (key: string, body: string) => engine.objects.put({ bucket: 'cached-in', key }, body);
const at = (key: string) => ({ bucket: 'cached-out', key });

async function deploy(extra: Partial<NewFunction> = {}, namespace = 'default'): Promise<void> {
  await engine.functions.deploy(namespace, {
    name: 'encode',
    runtime: 'command',
    command: ['true'],
    inputs: { source: '$.source' },
    outputs: { film: '$.to' },
    cache: { tools: ['ffmpeg'] },
    ...extra,
  });
}

const invoke = (event: object, options: { skipCache?: boolean } = {}, namespace = 'default') =>
  engine.invocations.invoke(namespace, 'encode', { input: event as never, ...options });

/** One exchange with an executor that does whatever it gets. */
async function work(): Promise<void> {
  const executor = await register();
  const free = { slots: 10, memoryMb: 100_000, vcpu: 100 };
  const { tasks } = await engine.workers.poll(executor, { free, running: [], results: [], waitMs: 0 });
  for (const { id } of tasks) await run((await engine.tasks.find(id)) as Task);
}

async function register(): Promise<string> {
  const id = crypto.randomUUID();
  await engine.database.query(sql`
    insert into executor (id, name, labels, capacity, version, tools)
    values (${id}, 'cached', '{cpu}', '{}', '0', ${JSON.stringify(tools)}::jsonb)`);
  return id;
}

/** What the function makes says how often it ran. */
async function run(task: Task): Promise<void> {
  runs++;
  const uploads = engine.app.get(TaskUploadsService, { strict: false });
  const { to } = task.payload as { to?: { key?: string; prefix?: string } };
  const names = to === undefined ? [] : to.prefix ? ['film/a.txt', 'film/v/b.txt'] : ['film'];
  const outputs = [];
  for (const name of names) {
    const { urls } = await uploads.open(task.id, { attempt: task.attempt, name, size: 5, contentType: 'text/plain' });
    const answer = await fetch(urls[0] ?? '', { method: 'PUT', body: `run ${runs}` });
    const parts = [{ partNumber: 1, etag: answer.headers.get('etag') ?? '' }];
    outputs.push({ name, size: 5, contentType: 'text/plain', parts });
  }
  const { id, attempt } = task;
  const results = engine.app.get(TaskResultsService, { strict: false });
  const output = { object: to ?? null, run: runs };
  await results.accept({ id, attempt, status: 'SUCCEEDED', output, outputs, usage: { wallMs: 9, cpuMs: 1_500 } });
}

/** The invocation once it has ended; whoever is not served is run. */
async function ended({ id }: Task): Promise<Task> {
  return eventually(async () => {
    await work();
    const task = await engine.tasks.find(id);
    return task && !['QUEUED', 'RUNNING', 'PUBLISHING'].includes(task.status) && task;
  });
}
const make = async (event: object, options = {}, namespace = 'default') =>
  ended(await invoke(event, options, namespace));
const read = async (key: string) => text((await engine.objects.get(at(key))).body);

describe('a result of a function that says it is deterministic', () => {
  it('is served again, its output brought to where it is wanted, and says whose it is', async () => {
    await deploy();
    await put('film.mov', 'pictures');
    const first = await make({ source, to: at('1.mp4'), size: 5 });
    const second = await make({ source, to: at('2.mp4'), size: 5 });
    expect(runs).toBe(1);
    expect(second).toMatchObject({
      status: 'SUCCEEDED',
      output: { object: at('2.mp4'), run: 1 },
      executorId: undefined,
      report: { cachedFrom: { invocation: first.id, savedCpuMs: 1_500 }, outputs: [{ ...at('2.mp4'), size: 5 }] },
    });
    expect(await read('2.mp4')).toBe('run 1');
    expect(await engine.objects.head(at('2.mp4'))).toMatchObject({
      contentType: 'text/plain',
      metadata: { 'spool-task': second.id },
    });
    const figures = await engine.app.get(ResultCacheService, { strict: false }).figures('default');
    expect(figures).toEqual([{ function: 'encode', entries: 1, hits: 1, savedCpuMs: 1_500 }]);
  });

  it('is known by what an input is, and not by its name', async () => {
    await deploy();
    await put('film.mov', 'pictures');
    await put('the same.mov', 'pictures');
    await make({ source, to: at('1.mp4') });
    await make({ source: { ...source, key: 'the same.mov' }, to: at('2.mp4') });
    expect(runs).toBe(1);
    await put('film.mov', 'others');
    await make({ source, to: at('3.mp4') });
    expect(runs).toBe(2);
  });

  it('is a folder with all of its files', async () => {
    await deploy();
    await put('film.mov', 'pictures');
    await make({ source, to: { bucket: 'cached-out', prefix: 'one' } });
    const second = await make({ source, to: { bucket: 'cached-out', prefix: 'two/x' } });
    expect(second.output).toEqual({ object: { bucket: 'cached-out', prefix: 'two/x' }, run: 1 });
    expect([await read('two/x/a.txt'), await read('two/x/v/b.txt')]).toEqual(['run 1', 'run 1']);
  });

  it.each<[string, object]>([
    ['a parameter', { size: 6 }],
    ['the ending of the output', { to: at('x.webm') }],
    ['the ending of the input', { source: { ...source, key: 'film.mkv' } }],
    ['a folder instead of a file', { to: { bucket: 'cached-out', prefix: 'x' } }],
  ])('is another one with %s', async (_, change) => {
    await deploy();
    for (const key of ['film.mov', 'film.mkv']) await put(key, 'pictures');
    await make({ source, to: at('1.mp4'), size: 5 });
    await make({ source, to: at('2.mp4'), size: 5, ...change });
    expect(runs).toBe(2);
  });

  it('is another one for another build of its tools, and of its code', async () => {
    await deploy();
    await put('film.mov', 'pictures');
    await make({ source, to: at('1.mp4') });
    tools = { ffmpeg: '7.1' };
    await make({ source, to: at('2.mp4') });
    expect(runs).toBe(2);
    await deploy({ command: ['echo'] });
    await make({ source, to: at('3.mp4') });
    expect(runs).toBe(3);
  });

  it('is not served where the caller, or the state, does without', async () => {
    await deploy();
    await put('film.mov', 'pictures');
    await make({ source, to: at('1.mp4') });
    await make({ source, to: at('2.mp4') }, { skipCache: true });
    expect(runs).toBe(2);
    const States = { Encode: { Type: 'Task', Resource: 'function:encode?cache=off', End: true } };
    await engine.workflows.deploy('default', { name: 'fresh', definition: { StartAt: 'Encode', States } as never });
    const { id } = await engine.executions.start('default', 'fresh', { input: { source, to: at('3.mp4') } as never });
    await eventually(async () => {
      await work();
      return (await engine.executions.get('default', id)).status === 'SUCCEEDED';
    });
    expect(runs).toBe(3);
  });

  it('is never that of another namespace', async () => {
    await put('film.mov', 'pictures');
    await engine.database.query(sql`insert into namespace (name) values ('another')`);
    for (const namespace of ['default', 'another']) {
      await deploy({}, namespace);
      await make({ source, to: at(`${namespace}.mp4`) }, {}, namespace);
    }
    expect(runs).toBe(2);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['deleted', () => engine.objects.delete(at('1.mp4'))],
    ['overwritten', () => engine.objects.put(at('1.mp4'), 'by hand')],
  ])('is made anew if its output was %s', async (_, change) => {
    await deploy();
    await put('film.mov', 'pictures');
    await make({ source, to: at('1.mp4') });
    await change();
    const second = await make({ source, to: at('2.mp4') });
    expect([runs, second.status, second.report]).toEqual([
      2,
      'SUCCEEDED',
      expect.not.objectContaining({ cachedFrom: 0 }),
    ]);
    expect(await read('2.mp4')).toBe('run 2');
    await make({ source, to: at('3.mp4') });
    expect([runs, await read('3.mp4')]).toEqual([2, 'run 2']);
  });

  it('is not kept of an input that was overwritten while the function ran', async () => {
    await deploy();
    await put('film.mov', 'pictures');
    const executor = await register();
    const free = { slots: 1, memoryMb: 100_000, vcpu: 100 };
    const { id } = await invoke({ source, to: at('1.mp4') });
    await engine.workers.poll(executor, { free, running: [], results: [], waitMs: 0 });
    await put('film.mov', 'others!!');
    await run((await engine.tasks.find(id)) as Task);
    expect(await engine.database.query(sql`select from result_cache`)).toEqual([]);
  });

  it('is forgotten when nobody asked for it in a month, and when it is older than the function allows', async () => {
    await deploy({ cache: { maxAgeSeconds: 60 } });
    await put('film.mov', 'pictures');
    await make({ source, to: at('1.mp4') });
    await engine.database.query(sql`update result_cache set created_at = now() - interval '61 s'`);
    await make({ source, to: at('2.mp4') });
    expect(runs).toBe(2);
    await engine.database.query(sql`update result_cache set used_at = now() - interval '31 days'`);
    await engine.app.get(RetentionService, { strict: false }).run(UPKEEP);
    expect(await engine.database.query(sql`select from result_cache_object`)).toEqual([]);
  });
});

it('a result without outputs is served too, and one of a function that says nothing is not', async () => {
  await put('film.mov', 'pictures');
  for (const [cache, expected] of [
    [{}, 1],
    [undefined, 3],
  ] as const) {
    await deploy({ cache: cache as never, outputs: {}, description: `expects ${expected}` });
    await make({ source });
    await make({ source });
    expect(runs).toBe(expected);
  }
});

const state = (Resource: string, more: object) => ({ Type: 'Task', Resource, ResultPath: null, ...more });

it('an executor that waits gets the task that is left, however many were served before it', async () => {
  await deploy();
  await put('film.mov', 'pictures');
  await make({ source, to: at('1.mp4') });
  const States = {
    One: state('function:encode', { Next: 'Two' }),
    Two: state('function:encode', { Next: 'Three' }),
    Three: state('function:encode', { Next: 'Four' }),
    Four: state('function:encode?cache=off', { End: true }),
  };
  await engine.workflows.deploy('default', { name: 'four', definition: { StartAt: 'One', States } as never });
  const executor = await register();
  const free = { slots: 1, memoryMb: 100_000, vcpu: 100 };
  const waiting = engine.workers.poll(executor, { free, running: [], results: [], waitMs: 30_000 });
  // Once the queue is known to be empty, what is made is given to who waits.
  const offers = engine.app.get(Offers, { strict: false });
  await eventually(async () => offers.hasRoom({ labels: [], memoryMb: 1, vcpu: 1 }, new Set()));
  await engine.executions.start('default', 'four', { input: { source, to: at('2.mp4') } as never });
  const { tasks } = await waiting;
  expect(tasks.map(({ context }) => context.stateName)).toEqual(['Four']);
  await run((await engine.tasks.find(tasks[0]!.id)) as Task);
}, 60_000);

it('a task that is being served when its gateway dies is served again, and its outputs appear once', async () => {
  await deploy();
  await put('film.mov', 'pictures');
  await make({ source, to: at('1.mp4') });
  const { id } = await invoke({ source, to: at('served.mp4') });
  // As far as a gateway came that was killed: the task is its own, an upload is open, nothing is to be seen.
  await engine.database.query(sql`
    update task set status = 'RUNNING', attempt = 1, executor_id = null, started_at = now(), run_at = now() where id = ${id}`);
  const killed = (await engine.tasks.find(id)) as Task;
  const uploads = engine.app.get(TaskUploadsService, { strict: false });
  await uploads.open(id, { attempt: 1, name: 'film', size: 5, contentType: 'text/plain' });
  await expect(engine.objects.head(at('served.mp4'))).rejects.toThrow('No object');
  expect(await ended(killed)).toMatchObject({ status: 'SUCCEEDED', attempt: 2, output: { run: 1 } });
  expect([runs, await read('served.mp4')]).toEqual([1, 'run 1']);
  expect(await uploads.abortAbandoned(10)).toBe(1);
});
