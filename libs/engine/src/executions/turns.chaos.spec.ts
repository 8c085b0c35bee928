import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Task } from '@app/queue';
import type { Json, StateMachine } from '@app/workflow';
import { PayloadsService } from '../payloads/payloads.service.js';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { ExecutionAlreadyExists } from './executions.errors.js';
import { Adversary } from '../../../workflow/conformance/adversary.js';
import { answersIn } from '../../testing/recorded-answers.js';
import { Driver } from '../../../workflow/conformance/driver.js';
import { mortal, persistently, shuffled } from '../../testing/mortal-database.js';
import { type Behaviour, type Dice, dice, FAILURE, randomWorkflow } from '../../testing/random-workflow.js';

/** Large enough that rows refer to it, and do not repeat it; now and then so large that it is in the object store. */
const inputOf = (seed: number) => ({ items: [1, 2, 3], text: 'x'.repeat(seed % 10 === 0 ? 270_000 : 500) });
const MAX_DATA_BYTES = 16 * 1024 * 1024;
const WORKFLOWS = 20;

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
});
afterAll(() => engine?.close());

/** An answer that was lost may have been that of an execution which has ended since. */
async function startOf(name: string, input: Json): Promise<string> {
  try {
    return (await engine.executions.start('default', name, { name, input })).id;
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return String(error.details['id']);
    throw error;
  }
}

const payloadOf = async (task: Task): Promise<unknown> =>
  (await engine.app.get(PayloadsService, { strict: false }).wholeTask(task)).payload;

/** An executor that answers in any order, some twice and at the same time, and some again much later. */
async function work(id: string, behaviours: ReadonlyMap<string, Behaviour>, roll: Dice): Promise<void> {
  const failed = new Set<string>();
  const answered: (() => Promise<boolean>)[] = [];
  const answer = (task: Task): (() => Promise<boolean>) => {
    const behaviour = behaviours.get(task.stateName ?? '');
    const fails = behaviour === 'always' || (behaviour === 'once' && !failed.has(task.stateName ?? ''));
    failed.add(task.stateName ?? '');
    return () => (fails ? engine.fail(task, FAILURE) : payloadOf(task).then((payload) => engine.report(task, payload)));
  };
  for (let rounds = 0; rounds < 300; rounds++) {
    if ((await persistently(() => engine.executions.get('default', id))).status !== 'RUNNING') break;
    const reports = shuffled(await persistently(() => engine.claim(1 + roll(4))), roll).map(answer);
    const twice = reports.flatMap((report) => (roll(3) === 0 ? [report, report] : [report]));
    await Promise.all(twice.map((report) => persistently(report)));
    if (answered.length > 0) await persistently(answered[roll(answered.length)]!);
    answered.push(...reports);
    if (reports.length === 0) {
      await persistently(() => engine.passSeconds(40)); // Back-offs, and the leases of timers that died while firing.
      await persistently(() => engine.timers.fireDue(10));
      await engine.database.query(sql`update task set run_at = now() where status = 'RUNNING'`).catch(() => []);
    }
  }
  for (const late of answered) expect(await persistently(late)).toBe(false);
}

it(`gives ${WORKFLOWS} random workflows the outcome of the pure interpreter, and of a replay of their history, whatever dies, comes twice or late`, async () => {
  for (let seed = 1; seed <= WORKFLOWS; seed++) {
    const roll = dice(seed);
    const { definition, behaviours } = randomWorkflow(roll, 'function:work');
    const name = `random-${seed}`;
    await engine.workflows.deploy('default', { name, definition: definition as never });
    const revive = mortal(engine.database, roll);
    const id = await persistently(() => startOf(name, inputOf(seed)));
    await work(id, behaviours, roll).finally(revive);
    const outcome = await outcomeOf(id);
    const input = inputOf(seed);
    expect({ seed, ...outcome }).toEqual({ seed, ...expected(definition as StateMachine, behaviours, input) });
    const options = { answerOf: await answersIn(engine, id), maxDataBytes: MAX_DATA_BYTES };
    const replay = new Adversary(definition as StateMachine, input, 0, options).play();
    expect({ seed, ...replay }).toEqual({ seed, ...outcome, output: outcome.output ?? null });
    expect(await leftOf(id)).toEqual({ timers: 0, open: 0, unrecorded: 0 });
  }
});

interface Outcome {
  readonly status: string;
  readonly output?: Json | undefined;
  readonly error?: string | undefined;
}

async function outcomeOf(id: string): Promise<Outcome> {
  const { status, output, error } = await engine.executions.get('default', id);
  return { status, output, error };
}

/** The definition played in memory, with nothing but the pure interpreter. */
function expected(definition: StateMachine, behaviours: ReadonlyMap<string, Behaviour>, input: Json): Outcome {
  const echo = { echo: true } as const;
  const answers = { echo: [echo], once: [FAILURE, echo], always: [FAILURE] };
  const byName = [...behaviours].map(([name, behaviour]) => [name, answers[behaviour]] as const);
  const { frame } = new Driver({
    definition,
    input,
    answers: Object.fromEntries(byName),
    maxDataBytes: MAX_DATA_BYTES,
  }).play();
  return { status: frame.status, output: frame.output, error: frame.failure?.error };
}

/** Timers and tasks that an execution has left, and successes that stand twice, or not, in its history. */
async function leftOf(id: string): Promise<unknown> {
  const [left] = await engine.database.query<{ timers: number; open: number; succeeded: number }>(sql`
    select (select count(*)::integer from timer where execution_id = ${id}) as timers,
           (select count(*)::integer from task where execution_id = ${id} and status in ('QUEUED', 'RUNNING')) as open,
           (select count(*)::integer from task where execution_id = ${id} and status = 'SUCCEEDED') as succeeded`);
  const history = await engine.executions.listHistory('default', id, 0, 10_000);
  const recorded = history.filter(({ type }) => /^(Task|LambdaFunction)Succeeded$/.test(type)).length;
  return { timers: left?.timers, open: left?.open, unrecorded: (left?.succeeded ?? 0) - recorded };
}
