import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { type Assignment, type Frame, LaneFrame, type TaskRef } from '@app/worker-api';
import type { Lane } from './lane.js';
import { type LaneHost, LaneWork, type Served } from './lane-work.js';

const version = { name: 'f', version: 1, memoryMb: 64 };
const task = { function: version, context: { namespace: 'default' } } as Assignment;
const served = { task, graceMs: 0, diskBytes: undefined } as Served;

/** A call that came, what the gateway was sent of it, and what the executor has of it. */
function came() {
  const id = randomUUID();
  const sent: number[] = [];
  const lane: Lane = {
    closed: new Promise(() => {}),
    isOpen: true,
    unsentBytes: 0,
    send: (type) => void sent.push(type),
    close() {},
  };
  const held = new Set<string>();
  const back: TaskRef[] = [];
  const host: LaneHost = {
    adopt: (ref) => Boolean(held.add(ref.id)),
    progressed() {},
    ended: (ref) => void held.delete(ref.id),
    handBack: (ref) => {
      held.delete(ref.id);
      back.push(ref);
    },
  };
  const head = JSON.stringify({ ref: 1, id, timeoutMs: 1_000 });
  const frame: Frame = { type: LaneFrame.Call, call: 7, head, body: Buffer.from('{}') };
  return { id, sent, held, back, work: new LaneWork(lane, frame, served, host) };
}

it('a call that no instance came for is declined', () => {
  const { work, sent, back } = came();
  work.onDeclined();
  expect(sent).toEqual([LaneFrame.Declined]);
  expect(back).toEqual([]);
});

it('a call that became a task while it waited is handed back, and its lease is not renewed for ever', () => {
  const { id, work, held, back } = came();
  work.stored();
  expect(held).toContain(id);
  work.onDeclined();
  expect(held).not.toContain(id);
  expect(back).toEqual([{ id, attempt: 1 }]);
});
