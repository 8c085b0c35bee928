import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import type { NewTrigger } from './new-trigger.js';

const definition = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const target = { workflow: 'flow' };
const schedule = (name: string, cron: string, more: object = {}): NewTrigger =>
  ({ name, kind: 'schedule', source: { cron }, target, ...more }) as NewTrigger;

describe('TriggersService', () => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await createEngine();
    await engine.workflows.deploy('default', { name: 'flow', definition });
  });
  afterAll(() => engine?.close());

  const nextTick = async (id: string): Promise<Date | undefined> => {
    const [row] = await engine.database.query<{ at: Date }>(sql`
      select next_fire_at as at from schedule where trigger_id = ${id}`);
    return row?.at;
  };

  it('keeps the next tick of a schedule, in the future', async () => {
    const { id } = await engine.triggers.create('default', schedule('hourly', '0 * * * *'));
    const next = await nextTick(id);
    expect(next?.getUTCMinutes()).toBe(0);
    expect(Number(next)).toBeGreaterThan(Date.now());
    await engine.triggers.delete('default', 'hourly');
    expect(await nextTick(id)).toBeUndefined();
  });

  it('does not lose a tick that is due to an edit that leaves the times alone', async () => {
    const { id } = await engine.triggers.create('default', schedule('edited', '0 * * * *'));
    await engine.database.query(
      sql`update schedule set next_fire_at = now() - interval '1 minute' where trigger_id = ${id}`,
    );
    const due = await nextTick(id);
    await engine.triggers.update('default', 'edited', schedule('edited', '0 * * * *', { input: { a: 1 } }));
    expect(await nextTick(id)).toEqual(due);
    await engine.triggers.update('default', 'edited', schedule('edited', '30 * * * *'));
    expect((await nextTick(id))?.getUTCMinutes()).toBe(30);
  });

  it('has no tick while it is off or something else than a schedule', async () => {
    const { id } = await engine.triggers.create('default', schedule('switched', '0 * * * *', { enabled: false }));
    expect(await nextTick(id)).toBeUndefined();
    await engine.triggers.update('default', 'switched', schedule('switched', '0 * * * *'));
    expect(await nextTick(id)).toBeDefined();
    await engine.triggers.update('default', 'switched', { kind: 'topic', source: { topic: 'jobs' }, target });
    expect(await nextTick(id)).toBeUndefined();
  });

  it('lists those that are on, of one kind', async () => {
    const source = { topic: 'listed' };
    await engine.triggers.create('default', { name: 'on', kind: 'topic', source, target });
    await engine.triggers.create('default', { name: 'off', kind: 'topic', source, target, enabled: false });
    const names = (await engine.triggers.listEnabled('topic')).map(({ name }) => name);
    expect(names).toContain('on');
    expect(names).not.toContain('off');
    expect((await engine.triggers.listEnabled('object')).map(({ name }) => name)).not.toContain('on');
  });

  it('tells those who listen, after the change is there to be seen', async () => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping
    let forget = (): void => {};
    const seen = new Promise<void>((resolve) => {
      forget = engine.wakeups.on('triggers', async () => {
        const names = (await engine.triggers.list('default')).map(({ name }) => name);
        if (names.includes('told')) resolve();
      });
    }).finally(() => forget());
    await engine.triggers.create('default', { name: 'told', kind: 'object', source: { bucket: 'b-1' }, target });
    await seen;
  });

  it('keeps its target from being deleted while it is being made', async () => {
    await engine.workflows.deploy('default', { name: 'raced', definition });
    const begin = new EventEmitter();
    const deleting = once(begin, 'begin').then(() => engine.workflows.delete('default', 'raced'));
    const isRefused = expect(deleting).rejects.toMatchObject({ code: 'workflow_in_use' });
    await engine.database.transaction(async () => {
      const source = { topic: 'x' };
      await engine.triggers.create('default', { name: 'raced', kind: 'topic', source, target: { workflow: 'raced' } });
      begin.emit('begin');
      const waiters = sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      while ((await engine.database.query(waiters)).length === 0);
    });
    await isRefused;
  });

  it('refuses the bucket of our own, and a name that is taken', async () => {
    const own = engine.triggers.create('default', {
      name: 'own',
      kind: 'object',
      source: { bucket: 'spool-system' },
      target,
    });
    await expect(own).rejects.toMatchObject({ issues: [{ pointer: '/source/bucket' }] });
    await expect(engine.triggers.create('default', schedule('edited', '@daily'))).rejects.toMatchObject({
      code: 'trigger_name_taken',
    });
  });

  it('is not seen from another namespace', async () => {
    await expect(engine.triggers.get('spool', 'edited')).rejects.toMatchObject({ code: 'trigger_not_found' });
    await expect(engine.triggers.delete('spool', 'edited')).rejects.toMatchObject({ code: 'trigger_not_found' });
    expect(await engine.triggers.list('spool')).toEqual([]);
  });
});
