import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Answer, Driver, type Played } from '../conformance/driver.js';
import {
  type Frame,
  initialFrame,
  type Json,
  type JsonObject,
  type StateMachine,
  transition,
  validate,
} from './index.js';

interface Case {
  readonly name: string;
  /** The published page that says so. */
  readonly page: string;
  readonly definition: StateMachine;
  readonly input?: Json;
  readonly tasks?: Record<string, Answer[]>;
  readonly objects?: Record<string, string>;
  readonly expect: {
    readonly output?: Json;
    readonly error?: string;
    readonly cause?: string;
    readonly events?: readonly string[];
    /** The numbers of the events that those in `events` follow. */
    readonly previous?: readonly number[];
    /** [type, details] */
    readonly details?: readonly (readonly [string, JsonObject])[];
    readonly taskInputs?: readonly Json[];
    /** [kind, seconds] */
    readonly timers?: readonly (readonly [string, number])[];
    readonly mostAtOnce?: number;
    readonly mapRuns?: readonly object[];
    readonly childExecutions?: readonly number[];
    readonly variables?: JsonObject;
  };
}

const dir = join(__dirname, '..', 'conformance');
const files = readdirSync(dir)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, JSON.parse(readFileSync(join(dir, file), 'utf8')) as Case[]] as const);

const outcome = ({ frame }: Played): Json =>
  frame.status === 'SUCCEEDED' ? { output: frame.output ?? null } : { error: frame.failure?.error ?? frame.status };

describe.each(files)('%s', (_, cases) => {
  it.each(cases.map((entry) => [entry.name, entry] as const))(
    '%s',
    (_name, { definition, input, tasks, objects, expect: wanted }) => {
      const before = JSON.stringify({ definition, input });
      const driver = new Driver({ definition, input: input ?? {}, answers: tasks, objects });
      const played = driver.play();

      expect(validate(definition).problems).toEqual([]);
      expect(outcome(played)).toEqual('output' in wanted ? { output: wanted.output } : { error: wanted.error });
      if (wanted.cause !== undefined) expect(played.frame.failure?.cause).toContain(wanted.cause);
      if (wanted.events) expect(played.history.map(({ type }) => type)).toEqual(wanted.events);
      const told = played.history.map(({ type, details }) => ({ type, details }));
      for (const [type, details] of wanted.details ?? []) expect(told).toContainEqual({ type, details });
      if (wanted.previous) expect(played.history.map(({ previous }) => previous)).toEqual(wanted.previous);
      if (wanted.taskInputs) expect(played.tasks.map((task) => task.input)).toEqual(wanted.taskInputs);
      if (wanted.timers) expect(played.timers.map(({ kind, seconds }) => [kind, seconds])).toEqual(wanted.timers);
      if (wanted.mostAtOnce !== undefined) expect(played.mostAtOnce).toBe(wanted.mostAtOnce);
      if (wanted.mapRuns) expect(played.mapRuns).toEqual(wanted.mapRuns);
      if (wanted.childExecutions) expect(played.childExecutions).toEqual(wanted.childExecutions);
      if (wanted.variables) expect(played.frame.variables).toEqual(wanted.variables);
      expect(JSON.stringify({ definition, input })).toBe(before);
      expect(replayed(definition, played)).toEqual(played.frame);
    },
  );
});

/** The root frame again, from what happened to it alone. */
function replayed(definition: StateMachine, { journal }: Played): Frame {
  let frame = initialFrame('');
  for (const { happened, around } of journal.filter((line) => line.frame === 0)) {
    frame = transition(definition, frame, happened, around).frame;
  }
  return JSON.parse(JSON.stringify(frame));
}

const all = files.flatMap(([, cases]) => cases);

it('plays at least 830 cases, each with a name of its own and the page that it is from', () => {
  expect(all.length).toBeGreaterThanOrEqual(830);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  const pages =
    /^https:\/\/(docs\.aws\.amazon\.com\/step-functions\/latest\/|states-language\.net\/spec\.html|docs\.jsonata\.org\/)/;
  expect(all.filter(({ page }) => !pages.test(page)).map(({ name }) => name)).toEqual([]);
});
