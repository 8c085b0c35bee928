import { describe, expect, it } from '@jest/globals';
import { type Frame, LaneFrame } from '@app/worker-api';
import { type DirectGateway, DirectLanes } from './direct.lane.js';
import { LaneRefused } from './lane.js';

type Executor = Parameters<DirectGateway['connect']>[0];

/** A gateway that remembers what it was told, and can be made to fail at it. */
class Gateway implements DirectGateway {
  readonly heard: Pick<Frame, 'type' | 'call' | 'head'>[] = [];
  executor!: Executor;
  isFailing = false;
  isClosed = false;

  connect(executor: Executor) {
    if (this.executor) return undefined;
    this.executor = executor;
    return {
      receive: ({ type, call, head }: Frame) => {
        if (this.isFailing) throw new Error('this cannot be read');
        this.heard.push({ type, call, head });
      },
      closed: () => void (this.isClosed = true),
    };
  }
}

async function connect() {
  const gateway = new Gateway();
  const lanes = new DirectLanes(gateway);
  const frames: Frame[] = [];
  const target = { executorId: 'e', address: '127.0.0.1' };
  const lane = await lanes.open(target, (_lane, frame) => void frames.push(frame));
  return { gateway, lane, frames, again: () => lanes.open(target, () => {}) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a lane in one process', () => {
  it('carries frames both ways in their order, and calls nobody in the middle of his work', async () => {
    const { gateway, lane, frames } = await connect();
    for (const call of [1, 2, 3]) gateway.executor.send(LaneFrame.Call, call, '{}', Buffer.from(`event ${call}`));
    for (const call of [1, 2]) lane.send(LaneFrame.Ended, call, { status: 'SUCCEEDED' });
    expect([frames, gateway.heard]).toEqual([[], []]);
    await turn();
    expect(frames.map(({ call, body }) => [call, body.toString()])).toEqual([1, 2, 3].map((n) => [n, `event ${n}`]));
    expect(gateway.heard.map(({ call, head }) => [call, head])).toEqual(
      [1, 2].map((n) => [n, '{"status":"SUCCEEDED"}']),
    );
  });

  it('ends on both sides when one of them fails at what it was told, and carries nothing more', async () => {
    const { gateway, lane, frames } = await connect();
    gateway.isFailing = true;
    lane.send(LaneFrame.Ended, 1, {});
    await lane.closed;
    await turn();
    gateway.executor.send(LaneFrame.Call, 2, '{}');
    await turn();
    expect({ isOpen: lane.isOpen, isClosed: gateway.isClosed, frames }).toEqual({
      isOpen: false,
      isClosed: true,
      frames: [],
    });
  });

  it('is one for each executor', async () => {
    const { again } = await connect();
    await expect(again()).rejects.toThrow(LaneRefused);
  });
});
