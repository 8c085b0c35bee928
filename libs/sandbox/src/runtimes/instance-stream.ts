import type { Duplex } from 'node:stream';
import { type Frame, FrameReader, FrameWriter } from '@app/worker-api';
import { eventOf, headOf, type Invocation } from './invocation.js';

/** Where the Runtime API is left for a stream of frames. */
export const STREAM_PATH = '/spool/2024-01/stream';
export const STREAM_PROTOCOL = 'spool-instance';

/** Down: an invocation. Up: how it came out, or how far it is. After a fatal error the instance ends. */
export const StreamFrame = { Invocation: 1, Response: 2, Error: 3, Progress: 4, Fatal: 5 } as const;
const KINDS = {
  [StreamFrame.Response]: 'response',
  [StreamFrame.Error]: 'error',
  [StreamFrame.Fatal]: 'fatal',
} as const;

export interface StreamListener {
  readonly onAnswer: (requestId: string, kind: 'response' | 'error' | 'fatal', body: Buffer) => void;
  readonly onProgress: (requestId: string, body: Buffer) => void;
}

/**
 * What our own runtimes change the Runtime API's connection into, because asking and answering by HTTP costs them more
 * than most handlers: two requests are two parses, here and there. The bytes of event and result go as they are.
 */
export class InstanceStream {
  private readonly writer: FrameWriter;
  private readonly requests = new Map<number, string>();
  private calls = 0;

  constructor(
    private readonly socket: Duplex,
    maxBytes: number,
    listener: StreamListener,
  ) {
    this.writer = new FrameWriter(socket);
    const reader = new FrameReader(maxBytes, (frame) => this.receive(frame, listener));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        socket.destroy(); // Then nothing answers any more, and the invocation comes to its timeout.
      }
    });
    socket.on('error', () => {}); // The instance is gone, which is noticed elsewhere.
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${STREAM_PROTOCOL}\r\n\r\n`);
  }

  send(invocation: Invocation): void {
    this.calls = (this.calls + 1) >>> 0;
    this.requests.set(this.calls, invocation.requestId);
    this.writer.send(StreamFrame.Invocation, this.calls, headOf(invocation), eventOf(invocation));
  }

  close(): void {
    this.socket.destroy();
  }

  private receive({ type, call, body }: Frame, { onAnswer, onProgress }: StreamListener): void {
    const id = this.requests.get(call);
    if (id === undefined) return; // It is over.
    if (type === StreamFrame.Progress) return onProgress(id, body);
    const kind = KINDS[type as keyof typeof KINDS];
    this.requests.delete(call);
    if (kind) onAnswer(id, kind, body);
  }
}
