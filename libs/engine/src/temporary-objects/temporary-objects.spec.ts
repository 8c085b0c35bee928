import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { type NewFunction, TaskResultsService, TaskUploadsService, TemporaryObjectsService } from '@app/engine';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
let objects: TemporaryObjectsService;
beforeAll(async () => {
  engine = await createEngine();
  objects = engine.app.get(TemporaryObjectsService, { strict: false });
  await engine.objects.ensureBucket('work');
  const work = { Type: 'Task', Resource: 'function:chunk' };
  const States = { Work: { ...work, Next: 'After' }, After: { Type: 'Task', Resource: 'activity:after', End: true } };
  await engine.activities.create('default', 'after');
  await engine.workflows.deploy('default', { name: 'film', definition: { StartAt: 'Work', States } as never });
});
beforeEach(async () => {
  await engine.database.query(sql`delete from temporary_object`);
  await deploy({});
});
afterAll(() => engine.close());

async function deploy(more: Partial<NewFunction>): Promise<void> {
  const plain = {
    name: 'chunk',
    runtime: 'command',
    command: ['true'],
    outputs: { chunk: '$.to', film: '$.film' },
  } as const;
  await engine.functions.deploy('default', { ...plain, command: ['true'], temporary: ['chunk'], ...more });
}

/** An execution that has made its chunk and its film, and goes on. */
async function made(): Promise<string> {
  const input = { to: { bucket: 'work', prefix: 'chunks' }, film: { bucket: 'work', key: 'film' } };
  const { id } = await engine.executions.start('default', 'film', { input });
  const [task] = await engine.claim();
  const { id: taskId, attempt } = task!;
  const outputs = [];
  for (const name of ['chunk/0', 'chunk/a/1', 'film']) {
    const uploads = engine.app.get(TaskUploadsService, { strict: false });
    const { urls } = await uploads.open(taskId, { attempt, name, size: 5, contentType: 'text/plain' });
    const answer = await fetch(urls[0]!, { method: 'PUT', body: 'bytes' });
    outputs.push({
      name,
      size: 5,
      contentType: 'text/plain',
      parts: [{ partNumber: 1, etag: answer.headers.get('etag')! }],
    });
  }
  const results = engine.app.get(TaskResultsService, { strict: false });
  await results.accept({ id: taskId, attempt, status: 'SUCCEEDED', output: input, outputs, usage: { wallMs: 1 } });
  return id;
}

const end = (id: string, status: string, ago = '0 s') =>
  engine.database.query(sql`
    update execution set status = ${status}, ended_at = now() - ${ago}::interval where id = ${id}`);
const keys = async () => (await engine.objects.list('work')).objects.map(({ key }) => key);
const all = ['chunks/0', 'chunks/a/1', 'film'];

describe('a temporary output', () => {
  it('stays while its execution runs, and goes when it has succeeded; the others stay', async () => {
    const id = await made();
    await objects.sweep(10);
    expect(await keys()).toEqual(all);
    await end(id, 'SUCCEEDED');
    expect(await objects.sweep(10)).toBe(2);
    expect(await keys()).toEqual(['film']);
    expect(await objects.sweep(10)).toBe(0);
  });

  it.each(['FAILED', 'ABORTED', 'TIMED_OUT'])(
    'stays for a day when its execution has %s, which may be redriven',
    async (status) => {
      const id = await made();
      await end(id, status, '23 hours');
      await objects.sweep(10);
      expect(await keys()).toEqual(all);
      await end(id, status, '25 hours');
      await objects.sweep(10);
      expect(await keys()).toEqual(['film']);
    },
  );

  it('goes when its execution is gone, unless somebody has written over it', async () => {
    const id = await made();
    await engine.objects.put({ bucket: 'work', key: 'chunks/0' }, 'by hand');
    await engine.database.query(sql`delete from execution where id = ${id}`);
    await objects.sweep(10);
    expect(await keys()).toEqual(['chunks/0', 'film']);
    await engine.objects.delete({ bucket: 'work', key: 'chunks/0' });
  });

  it('of a result that may be served stays as long as it may', async () => {
    await deploy({ cache: { maxAgeSeconds: 600 } });
    await end(await made(), 'SUCCEEDED');
    await objects.sweep(10);
    expect(await keys()).toEqual(all);
    await engine.database.query(sql`update temporary_object set kept_until = kept_until - interval '601 s'`);
    await objects.sweep(10);
    expect(await keys()).toEqual(['film']);
  });

  it('of a child is needed until its parent has ended', async () => {
    const parent = await made();
    const child = await made();
    await engine.database.query(sql`delete from temporary_object`);
    await engine.database.query(sql`update execution set parent_execution_id = ${parent} where id = ${child}`);
    await engine.database.query(sql`update execution set status = 'RUNNING' where id = ${parent}`);
    const chunk = { name: 'chunk/0', bucket: 'work', key: 'chunks/0', etag: 'x' };
    const { id: versionId } = (await engine.functions.get('default', 'chunk'))!;
    const task = { waiter: { executionId: child, frameId: 0, step: 0 }, functionVersionId: versionId } as never;
    await objects.note(task, [chunk]);
    expect(await engine.database.query(sql`select execution_id from temporary_object`)).toEqual([
      { execution_id: parent },
    ]);
  });

  it('must be declared as an output', async () => {
    await expect(deploy({ temporary: ['other'] })).rejects.toMatchObject({
      details: { errors: [{ pointer: '/temporary/0', message: 'must be an output; other is none' }] },
    });
  });
});
