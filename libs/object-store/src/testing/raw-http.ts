import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { sha256Hex } from '../embedded/auth/signing.js';
import { signedHeaders } from './sign.js';

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  /** Of S3's error XML. */
  readonly code: string;
  readonly text: string;
}

/** Requests written byte by byte, as no client would. */
export class RawHttp {
  private readonly url: URL;

  constructor(endpoint: string) {
    this.url = new URL(endpoint);
  }

  /** Opens a connection and writes what it is given. */
  write(...pieces: (string | Buffer)[]): Socket {
    const socket = connect(Number(this.url.port), this.url.hostname);
    socket.on('error', () => {});
    for (const piece of pieces) socket.write(piece);
    return socket;
  }

  /** The request line and the headers, signed. */
  head({ method = 'GET', path, body = '', headers = {} }: Sent): string {
    const all = { 'x-amz-content-sha256': sha256Hex(Buffer.from(body)), ...headers };
    const signed = signedHeaders({ method, path, host: this.url.host, headers: all });
    const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), connection: 'close', ...signed });
    return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  }

  async send(sent: Sent): Promise<Answer> {
    return answerOf(this.write(this.head(sent), sent.body ?? ''));
  }
}

export async function answerOf(socket: Socket): Promise<Answer> {
  const whole = await text(socket);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(whole)?.[1]);
  return { status, code: /<Code>(\w+)/.exec(whole)?.[1] ?? '', text: whole };
}
