import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StateMachine } from '../definition.js';
import type { Json } from '../model.js';
import { validate } from './validate.js';

type Oracle = (definition: unknown, options: { checkArn: boolean }) => { isValid: boolean };
const oracle = (require('asl-validator') as { default?: Oracle }).default ?? (require('asl-validator') as Oracle);
const isGood = (definition: unknown): boolean => oracle(definition, { checkArn: false }).isValid;

/** It takes up to 0.2 s for a definition, so it sees a few of each file. */
const conformance = (file: string): [string, StateMachine][] => {
  const path = join(__dirname, '..', '..', 'conformance', file);
  const cases: { name: string; definition: StateMachine }[] = JSON.parse(readFileSync(path, 'utf8'));
  return cases.filter((_, index) => index % 24 === 3).map(({ name, definition }) => [name, definition]);
};
const GOOD = ['data-flow', 'choice', 'task-retry-catch', 'parallel-map', 'wait-succeed-fail'].flatMap((name) =>
  conformance(`${name}.json`),
);

const pass = { Type: 'Pass', End: true };
const task = { Type: 'Task', Resource: 'function:work', End: true };
const only = (state: Json): Json => ({ StartAt: 'S', States: { S: state } });
const BAD: [string, Json][] = [
  ['no StartAt', { States: { S: pass } }],
  ['no States', { StartAt: 'S' }],
  ['an unknown StartAt', { StartAt: 'X', States: { S: pass } }],
  ['an unknown Next', { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'X' } } }],
  ['an unreachable state', { StartAt: 'S', States: { S: pass, T: pass } }],
  ['no end', { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'S' } } }],
  ['an unknown type', only({ Type: 'X', End: true })],
  ['Next and End', { StartAt: 'S', States: { S: { ...pass, Next: 'E' }, E: pass } }],
  ['neither Next nor End', only({ Type: 'Pass' })],
  ['a misspelt field', only({ ...task, Retries: [] })],
  ['a Task without a Resource', only({ Type: 'Task', End: true })],
  ['no rules', only({ Type: 'Choice', Choices: [] })],
  ['a Wait with two times', only({ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true })],
  ['no branches', only({ Type: 'Parallel', End: true })],
  ['a duplicate name', only({ Type: 'Parallel', Branches: [{ StartAt: 'S', States: { S: pass } }], End: true })],
];

/** It knows nothing of paths, error names and operands, which is why we have our own. */
describe('asl-validator agrees', () => {
  it.each(GOOD)('that there is no problem: %s', (_, definition) => {
    expect(validate(definition).problems).toEqual([]);
    expect(isGood(definition)).toBe(true);
  });

  it.each(BAD)('that there is one: %s', (_, definition) => {
    expect(validate(definition).problems).not.toEqual([]);
    expect(isGood(definition)).toBe(false);
  });
});
