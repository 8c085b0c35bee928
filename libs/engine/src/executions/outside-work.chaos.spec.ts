import { AppError, sql } from '@app/common';
import type { Task } from '@app/queue';
import type { Json, StateMachine } from '@app/workflow';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { Driver } from '../../../workflow/conformance/driver.js';
import { mortal, persistently, shuffled } from '../../testing/mortal-database.js';
import {
  type Behaviour,
  type Dice,
  dice,
  FAILURE,
  randomOutsideWorkflow,
  randomWorkflow,
  unprotected,
} from '../../testing/random-workflow.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { ExecutionAlreadyExists } from './executions.errors.js';

const WORKFLOWS = Number(process.env['SPOOL_CHAOS_WORKFLOWS'] ?? 5);
const FIRST = Number(process.env['SPOOL_CHAOS_SEED'] ?? 1);
const SEEDS = Array.from({ length: WORKFLOWS }, (_, n) => FIRST + n);
/** Less often than for turns: what starts a child is one long transaction. */
const DEATHS = 40;
const MAX_DATA_BYTES = 16 * 1024 * 1024;
/** Now and then so large that it is in the object store. */
const inputOf = (seed: number) => ({ items: [1, 2, 3], text: 'x'.repeat(seed % 3 === 0 ? 270_000 : 300) });

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  await engine.activities.create('default', 'manual');
  const deploy = (name: string, state: object) =>
    engine.workflows.deploy('default', { name, definition: { StartAt: 'S', States: { S: state } } as never });
  await deploy('echo', { Type: 'Pass', End: true });
  await deploy('bad', { Type: 'Fail', Error: FAILURE.error, Cause: FAILURE.cause });
});
afterAll(() => engine?.close());

/** Executors and workers of activities that answer in any order, some twice and at once, some again much later. */
class World {
  private readonly failed = new Set<string>();
  private readonly answered: (() => Promise<boolean>)[] = [];

  constructor(
    private readonly behaviours: ReadonlyMap<string, Behaviour>,
    private readonly roll: Dice,
  ) {}

  async work(id: string): Promise<void> {
    for (let rounds = 0; rounds < 400; rounds++) {
      if ((await this.statusOf(id)) !== 'RUNNING') return;
      const reports = shuffled([...(await this.claimed()), ...(await this.polled())], this.roll);
      const twice = reports.flatMap((report) => (this.roll(3) === 0 ? [report, report] : [report]));
      await Promise.all(twice.map((report) => persistently(report)));
      if (this.answered.length > 0) await persistently(this.answered[this.roll(this.answered.length)]!);
      this.answered.push(...reports);
      await this.route();
      if (reports.length === 0) await this.pass();
    }
    throw new Error(`The execution ${id} does not come to its end`);
  }

  statusOf = async (id: string): Promise<string> =>
    (await persistently(() => engine.executions.getBare('default', id))).status;

  /** What came before changes nothing any more. */
  async repeatAll(): Promise<void> {
    for (const late of this.answered) expect(await persistently(late)).toBe(false);
  }

  async route(): Promise<void> {
    await persistently(() => engine.route());
    await persistently(() => engine.mapRunTurns.runDue(10));
  }

  /** Back-offs and waits end, and what was lost with a connection: leases of tasks, timers and map runs. */
  async pass(): Promise<void> {
    await persistently(() => engine.passSeconds(70));
    await persistently(() => engine.timers.fireDue(20));
    await persistently(() => engine.database.query(sql`update task set run_at = now() where status = 'RUNNING'`));
  }

  private async claimed() {
    const tasks = await persistently(() => engine.claim(1 + this.roll(4)));
    return tasks.map((task) => this.answer(task, engine.fail, engine.report));
  }

  private async polled() {
    const wanted = { limit: 1 + this.roll(3), waitMs: 0 };
    const given = await persistently(() => engine.activityTasks.poll('default', 'manual', wanted));
    return given.map(({ task, token }) => {
      const settle = (result: object): Promise<boolean> =>
        engine.tokens.settle('default', { token, ...result } as never).then(
          () => true,
          (error: unknown) => {
            if (error instanceof AppError && error.code === 'task_timed_out') return false;
            throw error;
          },
        );
      return this.answer(
        task,
        (_, failure) => settle({ failure }),
        (_, output) => settle({ output }),
      );
    });
  }

  private answer(
    task: Task,
    fail: (task: Task, failure: typeof FAILURE) => Promise<boolean>,
    report: (task: Task, output: Json) => Promise<boolean>,
  ): () => Promise<boolean> {
    const name = task.stateName ?? '';
    const behaviour = this.behaviours.get(name);
    const fails = behaviour === 'always' || (behaviour === 'once' && !this.failed.has(name));
    this.failed.add(name);
    const payloads = engine.app.get(PayloadsService, { strict: false });
    return async () => (fails ? fail(task, FAILURE) : report(task, (await payloads.wholeTask(task)).payload as Json));
  }
}

async function startOf(name: string, input: Json): Promise<string> {
  try {
    return (await engine.executions.start('default', name, { name, input })).id;
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return String(error.details['id']);
    throw error;
  }
}

async function outcomeOf(id: string) {
  const { status, output, error } = await engine.executions.get('default', id);
  return { status, output, error };
}

/** The definition played in memory, with nothing but the pure interpreter. */
function expected(definition: StateMachine, behaviours: ReadonlyMap<string, Behaviour>, input: Json) {
  const echo = { echo: true } as const;
  const answers = { echo: [echo], once: [FAILURE, echo], always: [FAILURE] };
  const byName = [...behaviours].map(([name, behaviour]) => [name, answers[behaviour]] as const);
  const setting = { definition, input, answers: Object.fromEntries(byName), maxDataBytes: MAX_DATA_BYTES };
  const { frame } = new Driver(setting).play();
  return { status: frame.status, output: frame.output, error: frame.failure?.error };
}

async function left() {
  const [row] = await engine.database.query(sql`
    select (select count(*)::integer from timer) as timers,
           (select count(*)::integer from task where status in ('QUEUED', 'RUNNING')) as tasks,
           (select count(*)::integer from execution where status = 'RUNNING') as executions,
           (select count(*)::integer from map_run where ended_at is null) as "mapRuns"`);
  return row;
}

it('gives workflows with activities, children, waits and distributed Maps the outcome of the pure interpreter, whatever dies, comes twice or late', async () => {
  for (const seed of SEEDS) {
    const roll = dice(seed);
    const { definition, behaviours } = randomOutsideWorkflow(roll);
    const [name, input] = [`outside-${seed}`, inputOf(seed)];
    await engine.workflows.deploy('default', { name, definition: definition as never });
    const world = new World(behaviours, roll);
    const revive = mortal(engine.database, roll, DEATHS);
    try {
      await world.work(await persistently(() => startOf(name, input)));
    } finally {
      revive();
    }
    const { id } = await engine.executions.getByName({ namespace: 'default', workflow: name, name });
    const wanted = expected(definition as StateMachine, behaviours, input);
    expect({ seed, ...(await outcomeOf(id)) }).toEqual({ seed, ...wanted });
    await world.repeatAll();
    for (let n = 0; n < 3; n++) {
      await world.pass();
      await world.route();
    }
    expect({ seed, ...(await left()) }).toEqual({ seed, timers: 0, tasks: 0, executions: 0, mapRuns: 0 });
  }
});

it('ends as if nothing had failed, when it is redriven as often as something does, whatever dies', async () => {
  for (const seed of SEEDS) {
    const roll = dice(seed);
    const { definition: whole, behaviours: given } = randomWorkflow(roll, 'function:work');
    const definition = unprotected(whole);
    const behaviours = new Map(
      [...given].map(([state, behaviour]) => [state, behaviour === 'always' ? 'once' : behaviour]),
    );
    const [name, input] = [`redriven-${seed}`, inputOf(seed)];
    await engine.workflows.deploy('default', { name, definition: definition as never });
    const world = new World(behaviours, roll);
    const revive = mortal(engine.database, roll, DEATHS);
    try {
      const id = await persistently(() => startOf(name, input));
      for (await world.work(id); (await world.statusOf(id)) === 'FAILED'; await world.work(id))
        await persistently(() => redriven(id));
    } finally {
      revive();
    }
    const { id, redriveCount } = await engine.executions.getByName({ namespace: 'default', workflow: name, name });
    const wanted = expected(definition as StateMachine, new Map(), input);
    expect({ seed, ...(await outcomeOf(id)) }).toEqual({ seed, ...wanted });
    const history = await engine.executions.listHistory('default', id, 0, 10_000);
    expect(history.filter(({ type }) => type === 'ExecutionRedriven')).toHaveLength(redriveCount);
    expect(history.map((event) => event.id)).toEqual(history.map((_, n) => n + 1));
    await world.repeatAll();
    expect({ seed, ...(await left()) }).toEqual({ seed, timers: 0, tasks: 0, executions: 0, mapRuns: 0 });
  }
});

/** An answer that was lost may have been that of the redrive. */
async function redriven(id: string): Promise<void> {
  await engine.redrives.redrive('default', id).catch((error: unknown) => {
    if (!(error instanceof AppError && error.code === 'execution_not_redrivable')) throw error;
  });
}
