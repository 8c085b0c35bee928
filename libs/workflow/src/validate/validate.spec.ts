import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '../model.js';
import { validate, validatePath, validatePayloadTemplate } from './validate.js';

const task = { Type: 'Task', Resource: 'function:work', End: true };
const pass = { Type: 'Pass', End: true };
const branch = (name: string, state: Json = pass) => ({ StartAt: name, States: { [name]: state } });
const only = (state: Json): Json => ({ StartAt: 'S', States: { S: state } });
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
const read = (file: string): Bad[] => JSON.parse(readFileSync(join(__dirname, '..', '..', 'validation', file), 'utf8'));
const BAD = read('bad-definitions.json');

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
    'function:media.probe?cache=off',
    'function:media.probe:3?cache=off',
    'function:f:$LATEST',
    'topic:done',
    'arn:aws:lambda:eu-central-1:123456789012:function:work',
    'arn:aws:lambda:eu-central-1:123456789012:function:work:live',
    'function:work:live',
    'function:work.waitForTaskToken',
    'workflow:order',
    'workflow:order:3',
    'workflow:order:live.waitForTaskToken',
    'workflow:order.sync',
    'workflow:order:live.sync:2',
    'activity:approve',
    'arn:aws:states:eu-central-1:123456789012:activity:approve',
    'topic:done.waitForTaskToken',
  ])('knows the resource %s', (Resource) => {
    expect(problems(only({ ...task, Resource }))).toEqual([]);
  });

  it.each<[string, Json]>([
    ['lambda:invoke', { FunctionName: 'f' }],
    ['lambda:invoke.waitForTaskToken', { 'FunctionName.$': '$.f', Payload: {} }],
    ['states:startExecution', { StateMachineArn: 'order' }],
    ['states:startExecution.sync', { StateMachineArn: 'order' }],
    ['states:startExecution.sync:2', { 'StateMachineArn.$': '$.m' }],
    ['states:startExecution.waitForTaskToken', { StateMachineArn: 'order', Input: { 't.$': '$$.Task.Token' } }],
    ['sns:publish', { TopicArn: 'arn:aws:sns:eu-central-1:123456789012:done', Message: 'm' }],
    ['sqs:sendMessage.waitForTaskToken', { QueueUrl: 'q', MessageBody: { 't.$': '$$.Task.Token' } }],
    ['aws-sdk:s3:getObject', { Bucket: 'b', Key: 'k' }],
    ['aws-sdk:s3:putObject', { Bucket: 'b', 'Key.$': '$.k', Body: {} }],
    ['aws-sdk:s3:copyObject', { Bucket: 'b', Key: 'k', CopySource: 'b/k' }],
    ['aws-sdk:s3:listObjectsV2', { Bucket: 'b' }],
  ])('knows the integration %s', (name, Parameters) => {
    expect(problems(only({ ...task, Resource: `arn:aws:states:::${name}`, Parameters }))).toEqual([]);
    const JSONataState = {
      ...task,
      Resource: `arn:aws:states:::${name}`,
      QueryLanguage: 'JSONata',
      Arguments: '{% $states.input %}',
    };
    expect(problems(only(JSONataState))).toEqual([]);
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
const DOUBTFUL = read('doubtful-definitions.json');

describe('warns of', () => {
  it.each(DOUBTFUL)('$name', ({ definition, pointer, code }) => {
    expect(problems(definition)).toEqual([]);
    expect(warnings(definition)).toEqual([[pointer, code]]);
  });
});

describe('finds nothing wrong with', () => {
  const used = (Output: Json, more: object = {}) => ({
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: { A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' }, B: { ...pass, Output, ...more } },
  });
  it.each<[string, unknown]>([
    ['a variable that is used', used('{% $x %}')],
    [
      'variables, parameters and positions of the expression itself',
      used('{% ($y := $x; $map([$y], function($v, $i) { $v + $i })) %}'),
    ],
    ['names within a path', used('{% $x.a[b > 1].c %}')],
    ['a position and a focus within a path', used('{% $x.a@$f.b#$i[$i = 1 and $f] %}')],
    ['text that looks like a path', used(['$.a', '{% $x %}'])],
    ['what stands in regular expressions', used('{% $contains($x, /^a{2}$/) %}')],
    [
      'two branches with variables of the same name',
      {
        StartAt: 'S',
        States: {
          S: {
            Type: 'Parallel',
            Branches: ['A', 'B'].map((name) => ({
              StartAt: name,
              States: {
                [name]: { Type: 'Pass', Assign: { 'v.$': '$' }, Next: `${name}2` },
                [`${name}2`]: { ...pass, InputPath: '$v' },
              },
            })),
            End: true,
          },
        },
      },
    ],
    [
      'a variable of the same name in the executions of a distributed Map',
      {
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Assign: { v: 1 }, Next: 'S' },
          S: {
            Type: 'Map',
            ItemProcessor: {
              ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
              StartAt: 'I',
              States: { I: { Type: 'Pass', Assign: { v: 2 }, Next: 'J' }, J: { ...pass, InputPath: '$v' } },
            },
            End: true,
          },
        },
      },
    ],
    [
      'a variable of a branch that the machine around it sets only afterwards, or on another way',
      {
        QueryLanguage: 'JSONata',
        StartAt: 'C',
        States: {
          C: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input %}', Next: 'A', Assign: { v: 1 } }],
            Default: 'S',
          },
          A: { ...pass, Output: '{% $v %}' },
          S: {
            Type: 'Parallel',
            Branches: [
              {
                StartAt: 'I',
                States: { I: { Type: 'Pass', Assign: { v: 2 }, Next: 'J' }, J: { ...pass, Output: '{% $v %}' } },
              },
            ],
            Assign: { v: '{% $states.result[0] %}' },
            Next: 'E',
          },
          E: { ...pass, Output: '{% $v %}' },
        },
      },
    ],
    [
      'a result where there is one',
      { QueryLanguage: 'JSONata', ...(only({ ...task, Output: '{% $states.result %}' }) as object) },
    ],
    [
      'an error where there is one',
      {
        QueryLanguage: 'JSONata',
        StartAt: 'S',
        States: {
          S: {
            ...task,
            Catch: [{ ErrorEquals: ['States.ALL'], Next: 'E', Output: '{% $states.errorOutput.Cause %}' }],
          },
          E: pass,
        },
      },
    ],
  ])('%s', (_, definition) => {
    expect(validate(definition)).toEqual({ problems: [], warnings: [] });
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
