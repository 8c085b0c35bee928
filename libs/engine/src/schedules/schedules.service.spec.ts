import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { scheduleEvent } from '@app/events';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { jitterMs } from './jitter.js';

const waiting = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 100_000, End: true } } } as never;

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.workflows.deploy('default', { name: 'flow', definition: waiting });
});
afterAll(() => engine?.close());

let made = 0;
let name = '';
beforeEach(() => {
  name = `clock-${++made}`;
});

const create = (source: object) =>
  engine.triggers.create('default', {
    name,
    kind: 'schedule',
    source: { cron: 'rate(1 minute)', ...source },
    target: { workflow: 'flow' },
  } as never);
/** Makes the trigger so old, and due with the tick that it had then. */
const age = async (minutes: number) => {
  await engine.database.query(sql`
    update trigger set created_at = date_trunc('minute', now()) - make_interval(mins => ${minutes}) where name = ${name}`);
  await engine.database.query(sql`
    update schedule set next_fire_at = created_at + interval '1 minute'
    from trigger where trigger.id = trigger_id and name = ${name}`);
};
const fireAll = async () => {
  while ((await engine.schedules.fireDue(10)) > 0);
};
const executions = async () => {
  const found = await engine.executions.list('default', { workflow: 'flow', limit: 500 });
  const { id } = await engine.triggers.get('default', name);
  return found.filter(({ startedBy }) => startedBy?.triggerId === id).toReversed();
};
const statuses = async () => (await executions()).map(({ status }) => status);

describe('ticks that come together', () => {
  it('start once each, however many routers fire them at the same time', async () => {
    await create({});
    await engine.database.query(sql`
      insert into trigger (id, namespace, name, kind, source, target)
      select gen_random_uuid(), namespace, name || '-' || n, kind, source, target
      from trigger, generate_series(1, 60) n where name = ${name}`);
    await engine.database.query(sql`
      insert into schedule (trigger_id, next_fire_at)
      select id, date_trunc('minute', now()) from trigger where name like ${`${name}%`}
      on conflict (trigger_id) do update set next_fire_at = excluded.next_fire_at`);
    await Promise.all(Array.from({ length: 4 }, fireAll));
    const [row] = await engine.database.query<{ ticks: number; started: number }>(sql`
      select count(distinct source)::int as ticks, count(*)::int as started from event_start
      where source like ${`/schedules/${name}%`}`);
    expect(row).toEqual({ ticks: 61, started: 61 });
    await engine.database.query(sql`delete from trigger where name like ${`${name}%`}`);
  });
});

const several = async (targets: readonly object[]) => {
  for (const [index, target] of targets.entries()) {
    const source = { cron: 'rate(1 minute)' };
    const trigger = { name: `${name}-${index}`, kind: 'schedule', source, target } as const;
    await engine.triggers.create('default', trigger as never);
  }
  await engine.database.query(sql`
    update schedule set next_fire_at = date_trunc('minute', now()) from trigger
    where trigger.id = trigger_id and name like ${`${name}-%`}`);
  await fireAll();
  return engine.database.query<{ name: string; starts: number; next: boolean }>(sql`
    select name, (select count(*)::int from event_start s where s.trigger_id = trigger.id) as starts,
           next_fire_at > now() as next
    from trigger join schedule on trigger.id = trigger_id where name like ${`${name}-%`} order by name`);
};
const removed = () => engine.database.query(sql`delete from trigger where name like ${`${name}-%`}`);

describe('ticks of which one cannot be started with the others', () => {
  it('start all the same, by themselves, and each has its next one', async () => {
    await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
    const workflow = { workflow: 'flow' };
    const rows = await several([workflow, { function: 'work' }, workflow, workflow]);
    expect(rows.map(({ starts, next }) => [starts, next])).toEqual([1, 2, 3, 4].map(() => [1, true]));
    await removed();
  });

  it('start nothing twice where one was stored before', async () => {
    const tick = new Date(Math.floor(Date.now() / 60_000) * 60_000);
    await engine.events.record('default', scheduleEvent(`${name}-1`, tick) as never);
    await engine.events.record('default', scheduleEvent(`${name}-1`, new Date(tick.getTime() + 60_000)) as never);
    const rows = await several([{ workflow: 'flow' }, { workflow: 'flow' }, { workflow: 'flow' }]);
    expect(rows.map(({ starts, next }) => [starts, next])).toEqual([
      [1, true],
      [0, true],
      [1, true],
    ]);
    await removed();
  });
});

describe('a schedule whose ticks were missed', () => {
  it('fires one for all of them, unless it says otherwise', async () => {
    await create({});
    await age(5);
    await fireAll();
    expect(await statuses()).toEqual(['RUNNING']);
  });

  it('fires none that is more than a minute late, if they are to be skipped', async () => {
    await create({ misfire: 'skip' });
    await age(5);
    await fireAll();
    expect(await statuses()).toEqual([]);
    expect(await engine.schedules.nextInMs()).toBeGreaterThan(0);
  });

  it('fires each within the window, once and in order', async () => {
    await create({ misfire: 'all', misfireWindowSeconds: 210 });
    await age(10);
    await fireAll();
    const planned = (await executions()).map(({ startedBy }) => Date.parse(startedBy?.eventId ?? ''));
    expect(planned.length).toBeGreaterThanOrEqual(3);
    expect(planned.length).toBeLessThanOrEqual(4);
    expect(planned.slice(1).map((tick, index) => tick - (planned[index] ?? 0))).toEqual(
      planned.slice(1).map(() => 60_000),
    );
  });
});

const tickTwice = async (overlap: string) => {
  await create({ overlap, misfire: 'all' });
  await age(2);
  await fireAll();
};

describe('a tick that comes while the one before it still runs', () => {
  it('starts another execution, if that is allowed', async () => {
    await tickTwice('allow');
    expect(await statuses()).toEqual(['RUNNING', 'RUNNING']);
  });

  it('starts nothing, if it is to be skipped', async () => {
    await tickTwice('skip');
    expect(await statuses()).toEqual(['RUNNING']);
  });

  it('stops the one before it, if it is to be cancelled', async () => {
    await tickTwice('cancel');
    expect(await statuses()).toEqual(['ABORTED', 'RUNNING']);
    expect((await executions())[0]?.error).toBe('Schedule.Replaced');
  });

  it('waits for the end of the one before it, if it is to be buffered, and only one waits', async () => {
    await create({ overlap: 'buffer', misfire: 'all' });
    await age(4);
    await fireAll();
    const [first] = await executions();
    expect(await statuses()).toEqual(['RUNNING']);
    await engine.executions.stop('default', first!.id);
    await Promise.all([engine.schedules.fireDue(10), engine.schedules.fireDue(10)]);
    expect(await statuses()).toEqual(['ABORTED', 'RUNNING']);
    const second = (await executions())[1];
    expect(Date.parse(second?.startedBy?.eventId ?? '') - Date.parse(first?.startedBy?.eventId ?? '')).toBe(60_000);
    await engine.executions.stop('default', second!.id);
    await engine.schedules.fireDue(10);
    expect(await statuses()).toEqual(['ABORTED', 'ABORTED']);
  });
});

describe('a schedule that has come to its end', () => {
  it('fires its last tick and is then never due', async () => {
    const { id } = await create({ end: '2199-01-01T00:00:00Z' });
    await engine.database.query(sql`
      update trigger set source = jsonb_set(source, '{end}', to_jsonb(now())) where id = ${id}`);
    await engine.database.query(sql`update schedule set next_fire_at = now() where trigger_id = ${id}`);
    await engine.schedules.fireDue(10);
    expect(await statuses()).toEqual(['RUNNING']);
    const rows = await engine.database.query(sql`
      select from schedule where trigger_id = ${id} and next_fire_at = 'infinity'`);
    expect(rows).toHaveLength(1);
  });
});

describe('jitter', () => {
  it('is the same for one tick, spread over its range for many, and none without a limit', () => {
    const values = Array.from({ length: 200 }, (_, n) => jitterMs('trigger', n, 60));
    expect(values).toEqual(Array.from({ length: 200 }, (_, n) => jitterMs('trigger', n, 60)));
    expect(Math.min(...values)).toBeLessThan(6_000);
    expect(Math.max(...values)).toBeGreaterThan(54_000);
    expect(Math.max(...values)).toBeLessThan(60_000);
    expect(jitterMs('trigger', 1)).toBe(0);
  });

  it('delays a tick without changing its planned time', async () => {
    const { id } = await create({ jitterSeconds: 3_600 });
    const [row] = await engine.database.query<{ due: Date; tick: Date }>(sql`
      select next_fire_at as due, next_fire_at - jitter_ms * interval '1 millisecond' as tick
      from schedule where trigger_id = ${id}`);
    expect(Number(row?.due) - Number(row?.tick)).toBe(jitterMs(id, Number(row?.tick), 3_600));
    await engine.database.query(sql`
      update schedule set next_fire_at = next_fire_at - interval '1 day' where trigger_id = ${id}`);
    await engine.schedules.fireDue(10);
    const [started] = await executions();
    expect(started?.startedBy?.eventId).toBe(new Date(Number(row?.tick) - 86_400_000).toISOString());
  });
});
