import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

export interface ServerSentEvent {
  readonly event: string;
  readonly data: unknown;
  /** What a reader that comes back sends as Last-Event-ID. */
  readonly id?: string;
}

/** Nothing to say yet: a comment that keeps the connection open, and finds out that it is not. */
export const HEARTBEAT = 'heartbeat';

/**
 * The body of a stream of events, which the handler gives back: Nest sends it, and would end a reply that we had sent.
 * What a slow reader has not taken yet is not even made.
 */
export function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerSentEvent | typeof HEARTBEAT>,
  signal: AbortSignal,
): Readable {
  // no-transform and X-Accel-Buffering: proxies must pass each event on at once.
  void reply
    .header('Content-Type', 'text/event-stream; charset=utf-8')
    .header('Cache-Control', 'no-store, no-transform')
    .header('X-Accel-Buffering', 'no');
  return Readable.from(texts(events, signal), { objectMode: false, highWaterMark: 16_384 });
}

async function* texts(events: AsyncIterable<ServerSentEvent | typeof HEARTBEAT>, signal: AbortSignal) {
  yield 'retry: 1000\n\n';
  try {
    for await (const event of events) yield event === HEARTBEAT ? ': heartbeat\n\n' : toText(event);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** JSON has no line breaks outside of strings, where they are escaped: one data line holds it. */
function toText({ event, data, id }: ServerSentEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
