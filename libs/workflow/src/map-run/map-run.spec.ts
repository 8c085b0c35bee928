import { describe, expect, it } from '@jest/globals';
import type { StateMachine } from '../definition.js';
import { initialFrame } from '../frame.js';
import type { Frame, Happened, Surroundings } from '../model.js';
import { transition } from '../transition.js';
import { mapRunInputs } from './map-run-inputs.js';

const definition: StateMachine = {
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'n.$': '$.n' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'I',
        States: { I: { Type: 'Pass', End: true } },
      },
      End: true,
    },
  },
};
const around: Surroundings = {
  execution: { id: 'e', name: 'n', input: null, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'm', name: 'm' },
  now: 0,
  random: () => 0,
  uuid: () => 'u',
};
const after = (frame: Frame, happened: Happened, near = around) => transition(definition, frame, happened, near);
const begun = after(initialFrame(''), { type: 'Started', input: { items: [1], n: 5 } });

describe('a map run', () => {
  it('is waited for', () => {
    expect(begun.frame).toMatchObject({ status: 'RUNNING', waiting: 'mapRun', step: 1 });
    expect(begun.commands).toMatchObject([{ type: 'StartMapRun', step: 1, stateName: 'M' }]);
  });

  it('is stopped with its execution', () => {
    const failure = { error: 'Stopped', cause: '' };
    expect(after(begun.frame, { type: 'Stopped', status: 'ABORTED', failure })).toMatchObject({
      frame: { status: 'ABORTED' },
      commands: [{ type: 'StopMapRun', step: 1 }],
    });
  });

  it('that ends twice, or late, changes nothing', () => {
    const { frame } = after(begun.frame, { type: 'MapRunSucceeded', step: 1, output: [] });
    expect(after(frame, { type: 'MapRunSucceeded', step: 1, output: [1] }).frame).toBe(frame);
    expect(after(begun.frame, { type: 'MapRunFailed', step: 0, failure: { error: 'E', cause: '' } }).frame).toBe(
      begun.frame,
    );
  });

  it('makes the inputs of its children from items that were read long after', () => {
    const items = [{ index: 7, value: 'x' }];
    expect(mapRunInputs(definition, begun.frame, around, items)).toEqual([{ item: 'x', n: 5 }]);
  });

  it('has children that begin with the ItemProcessor and have a history of their own', () => {
    const root = '/States/M/ItemProcessor';
    const child = after(initialFrame(root), { type: 'Started', input: 1 }, { ...around, root });
    expect(child.frame).toMatchObject({ status: 'SUCCEEDED', output: 1 });
    expect(child.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });
});
