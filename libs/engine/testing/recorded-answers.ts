import { sql } from '@app/common';
import type { JsonObject } from '@app/workflow';
import type { TestEngine } from '../../../test/support/engine.js';
import type { AdversaryOptions, Answered } from '../../workflow/conformance/adversary.js';

interface Place {
  readonly id: number;
  readonly parent: number | null;
  readonly step: number | null;
  readonly index: number;
}

/** What the tasks of an execution have answered, as its history tells it: by their line of control, in order. */
export async function answersIn(engine: TestEngine, id: string): Promise<NonNullable<AdversaryOptions['answerOf']>> {
  const keys = await keysOf(engine, id);
  const answers = new Map<string, Answered[]>();
  for (const { id: event, type, frameId, details, refs } of await engine.executions.listHistory(
    'default',
    id,
    0,
    10_000,
  )) {
    const { output = null, error = '', cause = '' } = details as JsonObject;
    const key = keys.get(frameId) ?? '';
    const all = answers.get(key) ?? [];
    answers.set(key, all);
    if (/^(Task|LambdaFunction)Failed$/.test(type))
      all.push({ type: 'TaskFailed', failure: { error: String(error), cause: String(cause) } });
    if (!/^(Task|LambdaFunction)Succeeded$/.test(type)) continue;
    const whole = refs?.['output'] && (await engine.executions.getDetail('default', id, { event, name: 'output' }));
    all.push({ type: 'TaskSucceeded', output: whole ?? output });
  }
  return (key, nth) => answers.get(key)?.[nth];
}

/** Frames by what is the same in each run: through which steps and places they are reached. */
async function keysOf(engine: TestEngine, id: string): Promise<ReadonlyMap<number, string>> {
  const places = await engine.database.query<Place & Record<string, unknown>>(sql`
    select id, parent_id as parent, parent_step as step, index from frame where execution_id = ${id} order by id`);
  const keys = new Map<number, string>();
  for (const { id: frame, parent, step, index } of places)
    keys.set(frame, parent === null ? 'root' : `${keys.get(parent)}/${step}.${index}`);
  return keys;
}
