import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TaskResultsService, TaskUploadsService } from '@app/engine';
import type { Task } from '@app/queue';
import { TaskUploadRepository } from './task-upload.repository.js';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
let uploads: TaskUploadsService;
let results: TaskResultsService;
beforeAll(async () => {
  engine = await createEngine();
  uploads = engine.app.get(TaskUploadsService, { strict: false });
  results = engine.app.get(TaskResultsService, { strict: false });
  await engine.objects.ensureBucket('out');
  await engine.functions.deploy('default', {
    name: 'make',
    runtime: 'command',
    command: ['true'],
    outputs: { made: '$.to' },
  });
});
afterAll(() => engine.close());

const read = async (key: string) => {
  const found = await engine.objects.get({ bucket: 'out', key }).catch(() => undefined);
  return found && text(found.body);
};

async function begin(key: string): Promise<Task> {
  await engine.invocations.invoke('default', 'make', { input: { to: { bucket: 'out', key } } });
  const [task] = await engine.claim();
  return task!;
}

/** What an executor does: opens the upload, brings the bytes up, and knows the parts. */
async function bringUp({ id, attempt }: Task, content: string) {
  const { urls } = await uploads.open(id, { attempt, name: 'made', size: content.length, contentType: 'text/plain' });
  const { headers } = await fetch(urls[0]!, { method: 'PUT', body: content });
  return [
    {
      name: 'made',
      size: content.length,
      contentType: 'text/plain',
      parts: [{ partNumber: 1, etag: headers.get('etag')! }],
    },
  ];
}
const usage = { wallMs: 1 };
const succeed = ({ id, attempt }: Task, outputs: Awaited<ReturnType<typeof bringUp>>) =>
  results.accept({ id, attempt, status: 'SUCCEEDED', output: 'ok', outputs, usage });

describe('an output', () => {
  it('is seen only when its task has succeeded', async () => {
    const task = await begin('a');
    const outputs = await bringUp(task, 'hello');
    expect(await read('a')).toBeUndefined();
    expect(await succeed(task, outputs)).toBe(true);
    expect(await read('a')).toBe('hello');
    const ended = await engine.tasks.find(task.id);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', report: { outputs: [{ bucket: 'out', key: 'a', size: 5 }] } });
  });

  it('is never seen when its task fails', async () => {
    const task = await begin('b');
    await bringUp(task, 'half');
    await engine.fail(task, { error: 'Boom', cause: '' });
    expect(await read('b')).toBeUndefined();
  });

  it('of an attempt that lost its lease is refused, and the later attempt wins', async () => {
    const first = await begin('c');
    const late = await bringUp(first, 'first');
    await engine.queue.release('test');
    const [second] = await engine.claim();
    expect(second).toMatchObject({ id: first.id, attempt: 2 });
    expect(await succeed(first, late)).toBe(false);
    expect(await read('c')).toBeUndefined();
    expect(await succeed(second!, await bringUp(second!, 'second'))).toBe(true);
    expect(await read('c')).toBe('second');
  });

  it('whose parts the store does not have fails its task', async () => {
    const task = await begin('unfit');
    const [made] = await bringUp(task, 'lost on the way');
    expect(await succeed(task, [{ ...made!, parts: [{ partNumber: 1, etag: '0'.repeat(32) }] }])).toBe(true);
    expect(await engine.tasks.find(task.id)).toMatchObject({ status: 'FAILED', error: 'Output.Unavailable' });
    expect(await read('unfit')).toBeUndefined();
  });

  it('becomes visible after a crash between the acceptance and the publishing', async () => {
    const task = await begin('d');
    const outputs = await bringUp(task, 'survives');
    await engine.database.transaction(async () => {
      await uploads.filled(task, outputs);
      await engine.tasks.savePublishing(task, { output: 'ok', report: {} }, 0);
    });
    expect(await read('d')).toBeUndefined();
    await engine.outputs.publishOverdue(10);
    expect(await read('d')).toBe('survives');
    expect(await engine.tasks.find(task.id)).toMatchObject({ status: 'SUCCEEDED', output: 'ok' });
  });

  it('is published once more without harm after a crash between the publishing and its record', async () => {
    const task = await begin('e');
    const outputs = await bringUp(task, 'twice');
    await engine.database.transaction(async () => {
      await uploads.filled(task, outputs);
      await engine.tasks.savePublishing(task, { output: 'ok', report: {} }, 60);
    });
    const done = await engine.tasks.find(task.id);
    await Promise.all([engine.outputs.publish(done!), engine.outputs.publish(done!)]);
    expect(await read('e')).toBe('twice');
    expect(await engine.tasks.find(task.id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('of a cancelled task is thrown away by the sweep', async () => {
    const task = await begin('f');
    await bringUp(task, 'lost');
    await engine.invocations.cancel('default', task.id);
    expect(await uploads.abortAbandoned(10)).toBeGreaterThan(0);
    expect(await uploads.abortAbandoned(10)).toBe(0);
    expect(await read('f')).toBeUndefined();
  });

  it('that was not declared cannot be opened', async () => {
    const { id, attempt } = await begin('g');
    await expect(
      uploads.open(id, { attempt, name: 'other', size: 1, contentType: 'text/plain' }),
    ).rejects.toMatchObject({ code: 'output_not_declared' });
  });
});

const putFile = async ({ id, attempt }: Task, name: string, content: string) => {
  const { urls } = await uploads.open(id, { attempt, name, size: content.length, contentType: 'text/plain' });
  const { headers } = await fetch(urls[0]!, { method: 'PUT', body: content });
  const parts = [{ partNumber: 1, etag: headers.get('etag')! }];
  return { name, size: content.length, contentType: 'text/plain', parts };
};
const beginFolder = async (prefix: string) => {
  await engine.invocations.invoke('default', 'make', { input: { to: { bucket: 'out', prefix } } });
  const [task] = await engine.claim();
  return task!;
};

describe('an output that is a folder', () => {
  it('shows all its files once the task has succeeded, and is told as one', async () => {
    const task = await beginFolder('film');
    const files = [await putFile(task, 'made/index.m3u8', 'list'), await putFile(task, 'made/v1/0.m4s', 'segment')];
    expect(await read('film/index.m3u8')).toBeUndefined();
    expect(await succeed(task, files)).toBe(true);
    expect([await read('film/index.m3u8'), await read('film/v1/0.m4s')]).toEqual(['list', 'segment']);
    const { report } = (await engine.tasks.find(task.id))!;
    expect(report).toMatchObject({ outputs: [{ bucket: 'out', key: 'film/', size: 11, files: 2 }] });
  });

  it('is published from its depths up, so that a playlist comes after what it lists', async () => {
    const task = await beginFolder('order');
    for (const name of ['made/a.m3u8', 'made/v/1/0.m4s', 'made/v/b.m3u8']) await putFile(task, name, 'x');
    const listed = await engine.app.get(TaskUploadRepository, { strict: false }).list(task);
    expect(listed.map(({ key }) => key)).toEqual(['order/v/1/0.m4s', 'order/v/b.m3u8', 'order/a.m3u8']);
    await engine.fail(task, { error: 'Boom', cause: '' });
  });

  it('shows no list of files that cannot be shown', async () => {
    const task = await beginFolder('broken');
    const list = await putFile(task, 'made/a.m3u8', 'list');
    const segment = await putFile(task, 'made/v/0.m4s', 'segment');
    const unknown = [{ partNumber: 1, etag: '"00000000000000000000000000000000"' }];
    expect(await succeed(task, [list, { ...segment, parts: unknown }])).toBe(true);
    expect(await engine.tasks.find(task.id)).toMatchObject({ status: 'FAILED', error: 'Output.Unavailable' });
    expect(await read('broken/a.m3u8')).toBeUndefined();
  });

  it('keeps files inside', async () => {
    const task = await beginFolder('inside');
    await expect(putFile(task, 'made/../../evil', 'x')).rejects.toMatchObject({ code: 'output_not_declared' });
    await engine.fail(task, { error: 'Boom', cause: '' });
  });
});

describe('a result', () => {
  it('that Postgres cannot hold fails its task instead of coming back for ever', async () => {
    const task = await begin('h');
    expect(await engine.report(task, { bad: 'a\0b' })).toBe(true);
    expect(await engine.tasks.find(task.id)).toMatchObject({ status: 'FAILED', error: 'Function.InvalidResponse' });
  });

  it('larger than a value may be fails its task as AWS does', async () => {
    const task = await begin('i');
    expect(await engine.report(task, 'x'.repeat(16 * 1024 * 1024))).toBe(true);
    expect(await engine.tasks.find(task.id)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});
