import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { TaskIntakeService } from '../tasks/task-intake.service.js';

let engine: TestEngine;
let intake: TaskIntakeService;
beforeAll(async () => {
  engine = await createEngine();
  intake = engine.app.get(TaskIntakeService, { strict: false });
  await engine.functions.deploy('default', { name: 'f', runtime: 'command', command: ['true'] });
});
afterAll(() => engine.close());

const write = (id: string, ...lines: string[]) =>
  intake.logs(id, { attempt: 1, lines: lines.map((line) => ({ stream: 'stdout', line, atMs: 1_000 })) });

/** A task that has written these lines, and has it in hand. */
async function running(...lines: string[]): Promise<string> {
  const { id } = await engine.invocations.invoke('default', 'f', { input: {} });
  await engine.claim();
  await write(id, ...lines);
  return id;
}
const end = (id: string) =>
  engine.database.query(sql`
    update task set status = 'SUCCEEDED', ended_at = now() - interval '2 min' where id = ${id}`);
const texts = async (id: string, after = '0', limit = 100) =>
  (await engine.invocations.listLogs('default', id, after, limit)).map(({ line }) => line);
const inTable = async () =>
  (await engine.database.query<{ n: number }>(sql`select count(*)::int as n from task_log`))[0]?.n;
const archived = async () =>
  (await engine.objects.list('spool-system', { prefix: 'logs/' })).objects.map(({ key }) => key);

describe('the lines of a task', () => {
  it('show what no row can hold as such, and keep the others that came with it', async () => {
    const id = await running('a\0b', '\ud83c half', 'whole 🎬');
    expect(await texts(id)).toEqual(['a\uFFFDb', '\uFFFD half', 'whole 🎬']);
    await engine.database.query(sql`delete from task_log`);
    await end(id);
  });

  it('are in the object store some time after its end, and read as before', async () => {
    const id = await running('one', 'two', 'drei ä');
    const before = await engine.invocations.listLogs('default', id, '0', 10);
    await end(id);
    expect(await engine.logs.archiveEnded(10)).toBe(1);
    expect(await inTable()).toBe(0);
    expect(await archived()).toEqual([
      expect.stringMatching(new RegExp(`^logs/default/\\d{4}-\\d\\d-\\d\\d/${id}-\\d+\\.jsonl\\.gz$`)),
    ]);
    expect(await engine.invocations.listLogs('default', id, '0', 10)).toEqual(before);
    expect(await texts(id, String(before[0]?.id), 1)).toEqual(['two']);
    expect(await texts(id, String(before[2]?.id))).toEqual([]);
    expect(await engine.logs.archiveEnded(10)).toBe(0);
  });

  it('stay where they are while it runs, and for a moment after', async () => {
    const id = await running('a');
    expect(await engine.logs.archiveEnded(10)).toBe(0);
    await engine.database.query(sql`update task set status = 'SUCCEEDED', ended_at = now() where id = ${id}`);
    expect(await engine.logs.archiveEnded(10)).toBe(0);
    expect(await engine.logs.archiveEnded(10, 0)).toBe(1);
  });

  it('that come late are read behind those that were moved, and follow them', async () => {
    const id = await running('early');
    await end(id);
    await engine.logs.archiveEnded(10);
    await write(id, 'late');
    expect(await texts(id)).toEqual(['early', 'late']);
    await engine.logs.archiveEnded(10);
    expect(await texts(id)).toEqual(['early', 'late']);
    expect((await archived()).filter((key) => key.includes(id))).toHaveLength(1);
  });

  it('are moved once, and are whole, though several routers move them at once', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => running(`${n} a`, `${n} b`)));
    for (const id of ids) await end(id);
    await Promise.all([engine.logs.archiveEnded(10), engine.logs.archiveEnded(10), engine.logs.archiveEnded(10)]);
    for (const [n, id] of ids.entries()) expect(await texts(id)).toEqual([`${n} a`, `${n} b`]);
    expect(await inTable()).toBe(0);
  });

  it('are removed when they are old', async () => {
    const id = await running('old');
    await end(id);
    await engine.logs.archiveEnded(10);
    await engine.database.query(sql`
      update task_log_archive set archived_at = now() - interval '31 days' where task_id = ${id}`);
    expect(await engine.logs.removeOld('spool', 30, 10)).toBe(0);
    expect(await engine.logs.removeOld('default', 30, 10)).toBe(1);
    expect(await texts(id)).toEqual([]);
    expect((await archived()).filter((key) => key.includes(id))).toEqual([]);
  });
});
