import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, sql } from '@app/common';
import type { Task } from '@app/queue';
import { PayloadsService } from '../payloads/payloads.service.js';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { happenings } from '../tasks/happenings.js';
import { AdvanceService } from './advance.service.js';
import { DecisionsService } from './decisions.service.js';
import { ExecutionReader } from './execution.reader.js';
import { FollowUpsService } from './follow-ups.service.js';
import { KnownExecutions } from './known-executions.js';
import { Offers } from './offers.js';
import { TurnWriter } from './turn-writer.service.js';
import { TurnRepository } from './turn.repository.js';
import { TurnsService } from './turns.service.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
});
afterAll(() => engine?.close());

const get = <T>(type: abstract new (...given: never[]) => T): T => engine.app.get(type as never, { strict: false });

/** What another process would be: it shares the database, and knows what it has done itself. */
function anotherProcess(): AdvanceService {
  const known = new KnownExecutions();
  const database = get(Database);
  const writer = new TurnWriter(database, get(TurnRepository), get(FollowUpsService), known, new Offers());
  const turns = new TurnsService(database, get(ExecutionReader), get(DecisionsService), writer, known);
  return new AdvanceService(database, turns, get(PayloadsService));
}

async function settle(process: AdvanceService, task: Task, output: unknown): Promise<boolean> {
  const { id, attempt, waiter } = task;
  const fence = { type: 'task', task: { id, attempt }, ending: { status: 'SUCCEEDED', output } } as const;
  const what = happenings(task, { type: 'Succeeded', output: output as never });
  return process.advanceBehind(fence, waiter?.executionId ?? '', what);
}

const One = { Type: 'Task', Resource: 'function:work', End: true };
const Each = { Type: 'Map', MaxConcurrency: 3, ItemProcessor: { StartAt: 'One', States: { One } }, End: true };

async function startMap(name: string, items: readonly number[]) {
  await engine.workflows.deploy('default', { name, definition: { StartAt: 'Each', States: { Each } } as never });
  return engine.executions.start('default', name, { input: [...items] });
}

describe('two processes', () => {
  it('move one execution on in turns, each of which knows nothing of what the other has done', async () => {
    const processes = [anotherProcess(), anotherProcess()] as const;
    const { id } = await startMap('in-turns', [1, 2, 3, 4, 5, 6, 7]);
    for (let n = 0; n < 7; n++) {
      const [task] = await engine.claim(1);
      expect(await settle(processes[n % 2] as AdvanceService, task!, Number(task!.payload) * 10)).toBe(true);
    }
    const ended = await engine.executions.get('default', id);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: [10, 20, 30, 40, 50, 60, 70] });
  });

  it('move one execution on at the same moment', async () => {
    const processes = [anotherProcess(), anotherProcess(), anotherProcess()] as const;
    const { id } = await startMap('at-once', [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (let round = 0; round < 3; round++) {
      const tasks = await engine.claim(3);
      const settled = tasks.map((task, n) => settle(processes[n] as AdvanceService, task, Number(task.payload) * 10));
      expect(await Promise.all(settled)).toEqual([true, true, true]);
    }
    const ended = await engine.executions.get('default', id);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: [10, 20, 30, 40, 50, 60, 70, 80, 90] });
  });

  it('take the result of one attempt once', async () => {
    const processes = [anotherProcess(), anotherProcess(), anotherProcess()];
    await startMap('once', [1]);
    const [task] = await engine.claim(1);
    const settled = await Promise.all(processes.map((process) => settle(process, task!, 'done')));
    expect(settled.toSorted()).toEqual([false, false, true]);
  });
});

const step = (Next: string) => ({ Type: 'Task', Resource: 'function:work', Next });
const steps = { A: step('B'), B: step('C'), C: One };
const value = (name: string) => ({ name, text: name.repeat(1_000) });

describe('a value that goes from state to state', () => {
  it('is stored once, and read whole by who knows nothing of it', async () => {
    await engine.workflows.deploy('default', { name: 'steps', definition: { StartAt: 'A', States: steps } as never });
    const { id } = await engine.executions.start('default', 'steps', { input: value('i') });
    const seen: unknown[] = [];
    for (const output of [value('a'), value('b'), value('c')]) {
      const [task] = await engine.claim(1);
      seen.push(task!.payload);
      expect(await settle(anotherProcess(), task!, output)).toBe(true);
    }
    expect(seen).toEqual([value('i'), value('a'), value('b')]);
    expect(await engine.executions.get('default', id)).toMatchObject({ input: value('i'), output: value('c') });
    const done = (await engine.tasks.list('default', { executionId: id, limit: 3 })).toReversed();
    expect(done.map(({ output }) => output)).toEqual([value('a'), value('b'), value('c')]);
    const told = await engine.executions.listHistory('default', id, 0, 100);
    const details = told.map((event) => event.details as Record<string, unknown>);
    expect(details.flatMap(({ parameters = [] }) => parameters)).toEqual(seen);
    expect(details.at(-1)).toEqual({ output: value('c') });
    expect(await timesStored(id, 'aaaaaaaaaa')).toBe(1);
    expect(await timesStored(id, 'cccccccccc')).toBe(1);
  });

  it('is stored once, too, when later turns have it again', async () => {
    const { id } = await engine.executions.start('default', 'steps', { input: value('i') });
    const same = value('s');
    const process = anotherProcess();
    for (let n = 0; n < 3; n++) expect(await settle(process, (await engine.claim(1))[0]!, same)).toBe(true);
    const told = await engine.executions.listHistory('default', id, 0, 100);
    const outputs = told.flatMap(({ details }) => (details as { output?: unknown }).output ?? []);
    expect(outputs).toEqual(outputs.map(() => same));
    expect(await engine.executions.listHistory('default', id, told.length - 1, 1)).toEqual(told.slice(-1));
    expect(await timesStored(id, 'ssssssssss')).toBe(1);
  });

  it('is read whole by a process that goes on with a frame that another one left', async () => {
    const { id } = await engine.executions.start('default', 'steps', { input: value('i') });
    const [first] = await engine.claim(1);
    await settle(anotherProcess(), first!, value('a'));
    const [second] = await engine.claim(1);
    const [frame] = await engine.database.query<{ input: unknown; state: object }>(sql`
      select stored_value(execution_id, input_place) as input, state from frame where execution_id = ${id}`);
    expect(frame?.input).toEqual(value('a'));
    expect(frame?.state).not.toHaveProperty('input');
    await settle(anotherProcess(), second!, value('b'));
    expect((await engine.claim(1)).map(({ payload }) => payload)).toEqual([value('b')]);
  });
});

describe('the keys of a value', () => {
  // jsonb would sort them, by length first.
  const shuffled = { film: 'Metropolis', year: 1927, by: { name: 'Lang', first: 'Fritz' }, a: [{ b: 1, aa: 2 }] };

  it('keep their order, whichever process goes on and wherever the value has been', async () => {
    const definition = {
      StartAt: 'Keep',
      States: {
        Keep: { Type: 'Pass', Result: shuffled, ResultPath: '$.made', Assign: { kept: shuffled }, Next: 'Work' },
        Work: { Type: 'Task', Resource: 'function:work', Next: 'Text' },
        Text: {
          Type: 'Pass',
          QueryLanguage: 'JSONata',
          Output: '{% { "text": $string($states.input), "kept": $string($kept), "names": $keys($states.input) } %}',
          End: true,
        },
      },
    };
    await engine.workflows.deploy('default', { name: 'in-order', definition: definition as never });
    expect(JSON.stringify((await engine.workflows.get('default', 'in-order')).definition)).toBe(
      JSON.stringify(definition),
    );
    const { id } = await engine.executions.start('default', 'in-order', { input: shuffled });
    const [task] = await engine.claim(1);
    expect(JSON.stringify(task?.payload)).toBe(JSON.stringify({ ...shuffled, made: shuffled }));
    await settle(anotherProcess(), task!, { ...shuffled, long: 'x'.repeat(500) });
    expect((await engine.executions.get('default', id)).output).toEqual({
      text: JSON.stringify({ ...shuffled, long: 'x'.repeat(500) }),
      kept: JSON.stringify(shuffled),
      names: ['film', 'year', 'by', 'a', 'long'],
    });
    expect(JSON.stringify((await engine.executions.get('default', id)).input)).toBe(JSON.stringify(shuffled));
  });
});

/** In how many rows of an execution and below it a text stands. */
async function timesStored(id: string, text: string): Promise<number> {
  const [row] = await engine.database.query<{ count: number }>(sql`
    select count(*)::integer as count from (
      select execution::text as row from execution where id = ${id}
      union all select frame::text from frame where execution_id = ${id}
      union all select task::text from task where execution_id = ${id}
      union all select history::text from history where execution_id = ${id}
    ) as rows where strpos(row, ${text}) > 0`);
  return row?.count ?? 0;
}

describe('results that come together', () => {
  it('are taken each on its own: one of a lost lease is refused, and changes nothing for the others', async () => {
    const process = anotherProcess();
    const { id } = await startMap('together', [1, 2, 3]);
    const tasks = await engine.claim(3);
    await engine.database.query(sql`update task set attempt = attempt + 1 where id = ${tasks[1]!.id}`);
    const settled = await Promise.all(tasks.map((task) => settle(process, task, task.payload)));
    expect(settled).toEqual([true, false, true]);
    expect(await settle(process, { ...tasks[1]!, attempt: 2 }, 2)).toBe(true);
    expect(await engine.executions.get('default', id)).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3] });
  });

  it('are written by one statement', async () => {
    const process = anotherProcess();
    await startMap('one-statement', [1, 2, 3]);
    const tasks = await engine.claim(3);
    const { query } = engine.database;
    const statements: string[] = [];
    engine.database.query = ((statement) => {
      if (!statement.text.includes('pg_notify')) statements.push(statement.text);
      return query.call(engine.database, statement);
    }) as typeof query;
    await Promise.all(tasks.map((task) => settle(process, task, 0)));
    engine.database.query = query;
    expect(statements.filter((text) => text.startsWith('with frames_changed'))).toHaveLength(1);
    expect(statements.filter((text) => !text.trimStart().startsWith('select') && text.includes('update'))).toHaveLength(
      1,
    );
  });
});
