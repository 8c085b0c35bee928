import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { FrameReader, FrameWriter, LANE_MAX_BYTES, LANE_PROTOCOL } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { type Lane, LaneRefused, Lanes, type LaneTarget, type OnFrame } from './lane.js';

const CONNECT_TIMEOUT_MS = 10_000;
const PING_MS = 15_000;

/** Over the network, by HTTP that is upgraded. */
@Injectable()
export class SocketLanes extends Lanes {
  constructor(private readonly config: ExecutorConfig) {
    super();
  }

  override open({ executorId, address }: LaneTarget, onFrame: OnFrame): Promise<Lane> {
    const { gatewayUrl, token } = this.config;
    const url = new URL(`${gatewayUrl}/worker/v1/executors/${executorId}/lane`);
    return new Promise((resolve, reject) => {
      const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const sent = request({
        host: address,
        servername: url.hostname,
        port: url.port || undefined,
        path: url.pathname,
        agent: false,
        timeout: CONNECT_TIMEOUT_MS,
        headers: { host: url.host, authorization: `Bearer ${token}`, connection: 'Upgrade', upgrade: LANE_PROTOCOL },
      });
      sent.on('upgrade', (_response, socket, first) => {
        socket.setTimeout(0);
        socket.setNoDelay(true);
        socket.setKeepAlive(true, PING_MS);
        resolve(new SocketLane(socket, first, onFrame));
      });
      sent.on('response', (response) => {
        response.resume();
        reject(new LaneRefused(response.statusCode ?? 0));
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', reject).end();
    });
  }
}

class SocketLane implements Lane {
  readonly closed: Promise<void>;
  private readonly writer: FrameWriter;

  constructor(
    private readonly socket: Duplex,
    first: Buffer,
    onFrame: OnFrame,
  ) {
    this.writer = new FrameWriter(socket);
    const reader = new FrameReader(LANE_MAX_BYTES, (frame) => onFrame(this, frame));
    const read = (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        socket.destroy();
      }
    };
    if (first.length > 0) read(first);
    socket.on('data', read).on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('end', () => socket.destroy());
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  send(type: number, call: number, head: unknown, body?: Buffer): void {
    this.writer.send(type, call, head === undefined ? '' : JSON.stringify(head), body);
  }

  close(): void {
    this.socket.destroy();
  }
}
