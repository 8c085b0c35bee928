import { describe, expect, it } from '@jest/globals';
import type { Json, State } from '@app/workflow';
import { checkMock, type FieldValidationMode } from './mock-fields.js';

const task = (Resource: string): State => ({ Type: 'Task', Resource, End: true });
const start = task('arn:aws:states:::states:startExecution');
const lambda = task('arn:aws:states:::lambda:invoke');

/** What is wrong, if anything. */
function problems(state: State, result: Json, mode: FieldValidationMode = 'STRICT'): unknown {
  try {
    checkMock(state, result, mode);
    return [];
  } catch (error) {
    return (error as { issues: unknown }).issues;
  }
}

describe('a mocked result', () => {
  it('has the fields that the integration always gives, and each of its type, as on AWS', () => {
    expect(problems(start, {})).toEqual([
      { pointer: '/mock/result', message: "Required field 'ExecutionArn' is missing" },
      { pointer: '/mock/result', message: "Required field 'StartDate' is missing" },
    ]);
    expect(problems(start, { ExecutionArn: 'e', StartDate: 5 })).toEqual([
      { pointer: '/mock/result/StartDate', message: "Field 'StartDate' must be a string" },
    ]);
    expect(problems(lambda, { StatusCode: '200' })).toEqual([
      { pointer: '/mock/result/StatusCode', message: "Field 'StatusCode' must be a number" },
    ]);
    expect(problems(start, { ExecutionArn: 'e', StartDate: 'now' })).toEqual([]);
  });

  it('may have other fields, and any Payload', () => {
    expect(problems(lambda, { Payload: [1], random: 'json' })).toEqual([]);
  });

  it('need not have all fields with PRESENT, but those it has are of their types', () => {
    expect(problems(start, {}, 'PRESENT')).toEqual([]);
    expect(problems(start, { executionArn: 'e' }, 'PRESENT')).toEqual([]);
    expect(problems(start, { StartDate: true }, 'PRESENT')).toHaveLength(1);
  });

  it('may be anything with NONE, of what has no shape of its own, and of what is answered by token', () => {
    expect(problems(start, { StartDate: true }, 'NONE')).toEqual([]);
    expect(problems(task('function:work'), 5)).toEqual([]);
    expect(problems(task('arn:aws:states:::lambda:invoke.waitForTaskToken'), 5)).toEqual([]);
    expect(problems({ Type: 'Map', ItemProcessor: { StartAt: 'A', States: {} }, End: true } as State, [1])).toEqual([]);
  });
});
