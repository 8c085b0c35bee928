import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Answer, Driver, type Played } from '../conformance/driver.js';
import { type Frame, initialFrame, type Json, type StateMachine, transition, validate } from './index.js';

interface Case {
  readonly name: string;
  readonly definition: StateMachine;
  readonly input?: Json;
  readonly tasks?: Record<string, Answer[]>;
  readonly expect: {
    readonly output?: Json;
    readonly error?: string;
    readonly cause?: string;
    readonly events?: readonly string[];
    readonly taskInputs?: readonly Json[];
    /** [kind, seconds] */
    readonly timers?: readonly (readonly [string, number])[];
    readonly mostAtOnce?: number;
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
    (_name, { definition, input, tasks, expect: wanted }) => {
      const before = JSON.stringify({ definition, input });
      const driver = new Driver(definition, input ?? {}, tasks);
      const played = driver.play();

      expect(validate(definition).problems).toEqual([]);
      expect(outcome(played)).toEqual('output' in wanted ? { output: wanted.output } : { error: wanted.error });
      if (wanted.cause !== undefined) expect(played.frame.failure?.cause).toContain(wanted.cause);
      if (wanted.events) expect(played.history.map(({ type }) => type)).toEqual(wanted.events);
      if (wanted.taskInputs) expect(played.tasks.map((task) => task.input)).toEqual(wanted.taskInputs);
      if (wanted.timers) expect(played.timers.map(({ kind, seconds }) => [kind, seconds])).toEqual(wanted.timers);
      if (wanted.mostAtOnce !== undefined) expect(played.mostAtOnce).toBe(wanted.mostAtOnce);
      expect(JSON.stringify({ definition, input })).toBe(before);
      expect(replayed(definition, driver, played)).toEqual(played.frame);
    },
  );
});

/** The root frame again, from what happened to it alone. */
function replayed(definition: StateMachine, driver: Driver, { journal }: Played): Frame {
  let frame = initialFrame('');
  for (const entry of journal.filter((line) => line.frame === 0)) {
    const around = driver.surroundings(entry.now, entry.random);
    frame = transition(definition, frame, entry.happened, around).frame;
  }
  return JSON.parse(JSON.stringify(frame));
}

it('plays at least 120 cases', () => {
  expect(files.flatMap(([, cases]) => cases).length).toBeGreaterThanOrEqual(120);
});
