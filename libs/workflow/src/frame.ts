import type { Frame, MapItem } from './model.js';

/** A frame before its `Started`. A child's frame gets the `map` of its `StartChildren` entry. */
export function initialFrame(machine: string, map?: MapItem): Frame {
  return {
    machine,
    stateName: '',
    step: 0,
    input: null,
    status: 'RUNNING',
    retries: {},
    enteredAt: '',
    ...(map && { map }),
  };
}
