import { describe, expect, it } from '@jest/globals';
import type { Json } from '@app/workflow';
import { lastEntry } from './last-entry.js';

async function* history(...events: [frameId: number, type: string, details: Json][]) {
  for (const [index, [frameId, type, details]] of events.entries())
    yield { id: index + 1, previous: index, frameId, type, details, at: new Date(0) };
}

const load = (): never => {
  throw new Error('Nothing is in the store');
};

describe('the last entry of a state', () => {
  it('has the input of its last visit and the variables that were set until then', async () => {
    const events = history(
      [0, 'PassStateEntered', { name: 'A', input: 1 }],
      [0, 'PassStateExited', { name: 'A', output: 2, assignedVariables: { x: 1, y: 1 } }],
      [0, 'TaskStateEntered', { name: 'B', input: 2 }],
      [0, 'TaskStateExited', { name: 'B', output: 3, assignedVariables: { x: 2 } }],
      [0, 'TaskStateEntered', { name: 'B', input: 3 }],
      [0, 'TaskStateExited', { name: 'B', output: 4, assignedVariables: { x: 3 } }],
    );
    expect(await lastEntry(events, 'B', load)).toEqual({ input: 3, variables: { x: 2, y: 1 } });
  });

  it('is not that of a state of the same machine in a branch or an iteration', async () => {
    const events = history(
      [0, 'MapStateEntered', { name: 'M', input: [1] }],
      [1, 'PassStateEntered', { name: 'A', input: 1 }],
      [1, 'PassStateExited', { name: 'A', output: 1, assignedVariables: { inner: 1 } }],
    );
    expect(await lastEntry(events, 'A', load)).toBeUndefined();
  });
});
