import type { Frame } from '@app/worker-api';

export interface LaneTarget {
  readonly executorId: string;
  /** One of those that the gateway's name stands for. */
  readonly address: string;
}

export class LaneRefused extends Error {
  constructor(readonly status: number) {
    super(`the gateway answered ${status}`);
  }
}

/** The executor's end of one connection: see `libs/worker-api/src/lane.ts`. */
export interface Lane {
  readonly closed: Promise<void>;
  readonly isOpen: boolean;
  /** What the gateway has not taken yet. */
  readonly unsentBytes: number;
  send(type: number, call: number, head: unknown, body?: Buffer): void;
  close(): void;
}

export type OnFrame = (lane: Lane, frame: Frame) => void;

/** How this executor gets to its gateways. */
export abstract class Lanes {
  /** Rejects with `LaneRefused` where there is none to be had. */
  abstract open(target: LaneTarget, onFrame: OnFrame): Promise<Lane>;
}
