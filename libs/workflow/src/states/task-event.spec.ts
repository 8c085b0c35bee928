import { describe, expect, it } from '@jest/globals';
import { initialFrame } from '../frame.js';
import type { Happened, Surroundings } from '../model.js';
import { transition } from '../transition.js';

const around: Surroundings = {
  execution: { id: 'e', name: 'e', input: {}, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'm', name: 'm' },
  now: 0,
  random: () => 0.5,
  uuid: () => '00000000-0000-4000-8000-000000000000',
};

/** The names of what happens in a machine of one Task state, without those of the machine and the state. */
function eventsOf(resource: string, ...happened: Happened[]): string[] {
  const definition = { StartAt: 'T', States: { T: { Type: 'Task', Resource: resource, End: true } } } as never;
  let frame = initialFrame('');
  const names: string[] = [];
  for (const next of [{ type: 'Started', input: {} } as const, ...happened]) {
    const moved = transition(definition, frame, next, around);
    frame = moved.frame;
    names.push(...moved.history.map(({ type }) => type));
  }
  return names.filter((name) => !/^(Execution|TaskState)/.test(name));
}
const started = { type: 'TaskStarted', step: 1 } as const;
const submitted = { type: 'TaskSubmitted', step: 1, output: 1 } as const;
const succeeded = { type: 'TaskSucceeded', step: 1, output: 1 } as const;
const failure = { error: 'E', cause: 'c' };

describe('the events of a Task state', () => {
  it('are named Activity… for an activity, as workers outside are', () => {
    const resource = 'arn:aws:states:eu-west-1:123456789012:activity:paint';
    expect(eventsOf(resource, started, succeeded)).toEqual([
      'ActivityScheduled',
      'ActivityStarted',
      'ActivitySucceeded',
    ]);
    expect(eventsOf('activity:paint', { type: 'TaskFailed', step: 1, failure, before: 'schedule' })).toEqual([
      'ActivityScheduled',
      'ActivityScheduleFailed',
    ]);
  });

  it('are named LambdaFunction… for the ARN of a function', () => {
    expect(eventsOf('arn:aws:lambda:eu-west-1:1:function:f', { type: 'TaskFailed', step: 1, failure })).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionFailed',
    ]);
  });

  it('are named Task… otherwise, and say when the work was handed out', () => {
    const resource = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
    expect(eventsOf(resource, started, submitted, succeeded)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
  });

  it('say that the work could not be handed out', () => {
    expect(eventsOf('topic:t', { type: 'TaskFailed', step: 1, failure, before: 'submit' })).toEqual([
      'TaskScheduled',
      'TaskSubmitFailed',
    ]);
  });

  it('do not tell of what was handed out for a step that is past', () => {
    expect(eventsOf('topic:t', submitted, succeeded, submitted)).toEqual([
      'TaskScheduled',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
  });
});
