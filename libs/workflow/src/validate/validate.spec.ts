import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '../model.js';
import { validate, validatePath, validatePayloadTemplate } from './validate.js';

const task = { Type: 'Task', Resource: 'function:work', End: true };
const pass = { Type: 'Pass', End: true };
const branch = (name: string, state: Json = pass) => ({ StartAt: name, States: { [name]: state } });
const only = (state: Json): Json => ({ StartAt: 'S', States: { S: state } });
const retry = (...Retry: Json[]) => only({ ...task, Retry });
const choice = (...Choices: Json[]) => ({
  StartAt: 'C',
  States: { C: { Type: 'Choice', Choices, Default: 'E' }, E: pass },
});
const problems = (definition: unknown) => validate(definition).problems.map(({ pointer, code }) => [pointer, code]);

interface Bad {
  readonly name: string;
  readonly definition: unknown;
  readonly pointer: string;
  readonly code: string;
}
const file = join(__dirname, '..', '..', 'validation', 'bad-definitions.json');
const BAD = JSON.parse(readFileSync(file, 'utf8')) as Bad[];

describe('validate', () => {
  it.each(BAD)('finds $name', ({ definition, pointer, code }) => {
    expect(problems(definition)).toContainEqual([pointer, code]);
    expect(validate(definition).problems.every(({ message }) => message.length > 10)).toBe(true);
  });

  it('tells nothing else than the one problem there is', () => {
    const follows = ['no_terminal_state', 'unreachable_state', 'unknown_state', 'missing_field'];
    for (const { name, definition, pointer, code } of BAD) {
      const others = problems(definition).filter(([at, what]) => at !== pointer || what !== code);
      expect([name, others.filter(([, what]) => !follows.includes(what as string))]).toEqual([name, []]);
    }
  });

  it('finds every problem at once', () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Task', Resource: 'x', InputPath: '$.', Next: 'Nowhere', Retry: [{ ErrorEquals: [] }] },
        B: { Type: 'Wait', End: true, Second: 1 },
      },
    };
    expect(problems(definition)).toEqual([
      ['/States/A/Resource', 'unknown_resource'],
      ['/States/A/InputPath', 'invalid_path'],
      ['/States/A/Retry/0/ErrorEquals', 'invalid_error_names'],
      ['/States/B/Second', 'unknown_field'],
      ['/States/B', 'missing_field'],
      ['/States/A/Next', 'unknown_state'],
      ['/States/B', 'unreachable_state'],
    ]);
  });

  it('points into names with / and ~ as RFC 6901 says', () => {
    expect(problems(branch('a/b~c', { ...pass, InputPath: 'x' }))).toEqual([
      ['/States/a~1b~0c/InputPath', 'invalid_path'],
    ]);
  });

  it.each([
    'function:work',
    'function:media.probe:3',
    'function:f:$LATEST',
    'topic:done',
    'arn:aws:lambda:eu-central-1:123456789012:function:work',
    'arn:aws:lambda:eu-central-1:123456789012:function:work:live',
  ])('knows the resource %s', (Resource) => {
    expect(problems(only({ ...task, Resource }))).toEqual([]);
  });

  it('refuses a definition that is too deep to be walked, before it walks it', () => {
    let rule: Json = { Variable: '$', IsNull: true };
    for (let level = 0; level < 100_000; level++) rule = { Not: rule };
    expect(problems(choice({ ...(rule as object), Next: 'E' }))).toEqual([['', 'too_deep']]);
  });

  it('refuses a definition of more than a mebibyte', () => {
    expect(problems({ ...branch('S'), Comment: 'x'.repeat(1024 * 1024) })).toEqual([['', 'too_large']]);
  });

  it('stops counting at a thousand problems', () => {
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]));
    expect(problems(only({ ...pass, ...fields }))).toHaveLength(1000);
  });

  it('takes a machine whose states are named like what objects inherit', () => {
    const States = JSON.parse(
      '{"constructor":{"Type":"Pass","Next":"__proto__"},"__proto__":{"Type":"Pass","End":true}}',
    );
    expect(problems({ StartAt: 'constructor', States })).toEqual([]);
  });
});

const warnings = (definition: unknown) => validate(definition).warnings.map(({ pointer, code }) => [pointer, code]);

describe('validate warns', () => {
  it.each<[string, Json, string, string]>([
    [
      'of a Choice without a Default',
      {
        StartAt: 'C',
        States: { C: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'E' }] }, E: pass },
      },
      '/States/C',
      'choice_without_default',
    ],
    [
      'of an error that an earlier entry handles',
      retry({ ErrorEquals: ['A'] }, { ErrorEquals: ['B', 'A'] }),
      '/States/S/Retry/1/ErrorEquals/1',
      'error_already_handled',
    ],
    [
      'of an entry for States.Runtime',
      retry({ ErrorEquals: ['States.Runtime'] }),
      '/States/S/Retry/0/ErrorEquals/0',
      'error_never_handled',
    ],
    [
      'of a reserved error name that does not exist',
      retry({ ErrorEquals: ['States.Timeouts'] }),
      '/States/S/Retry/0/ErrorEquals/0',
      'unknown_error_name',
    ],
    [
      'of Parameters that a Result hides',
      only({ ...pass, Result: 1, Parameters: {} }),
      '/States/S/Parameters',
      'ignored_field',
    ],
  ])('%s', (_, definition, pointer, code) => {
    expect(problems(definition)).toEqual([]);
    expect(warnings(definition)).toEqual([[pointer, code]]);
  });
});

describe('for a trigger or a function', () => {
  it('a payload template is checked by itself', () => {
    expect(validatePayloadTemplate({ 'a.$': '$.x', b: 1 })).toEqual([]);
    expect(validatePayloadTemplate({ 'a.$': 'x' }, '/input')).toMatchObject([
      { pointer: '/input/a.$', code: 'invalid_intrinsic' },
    ]);
  });

  it('a path is checked by itself', () => {
    expect(validatePath('$.data')).toEqual([]);
    expect(validatePath('data', '/inputs/video')).toMatchObject([{ pointer: '/inputs/video', code: 'invalid_path' }]);
  });
});
