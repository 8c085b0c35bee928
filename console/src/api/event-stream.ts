import { send } from './http.js';
import { Problem } from './problem.js';
import { type ServerSentEvent, serverSentEvents } from './sse.js';

export interface StreamListener {
  readonly lastEventId?: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ServerSentEvent) => void;
  readonly onConnection: (connected: boolean) => void;
  /** Asked after the server closed the stream in good order: true ends it, false connects again. */
  readonly isOver: () => boolean | Promise<boolean>;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;

/**
 * Listens until it is over or aborted. The browser's own EventSource cannot send a key, so this reads the body of a
 * fetch; a broken connection comes back after a growing pause and goes on behind the last id that was seen.
 */
export async function listen(url: string, listener: StreamListener): Promise<void> {
  const { signal } = listener;
  let lastEventId = listener.lastEventId;
  let delayMs = firstDelayMs;
  const seen = (event: ServerSentEvent): void => {
    if (event.id) lastEventId = event.id;
    delayMs = firstDelayMs;
    listener.onEvent(event);
  };
  while (!signal.aborted) {
    try {
      await readOnce(url, lastEventId, { ...listener, onEvent: seen });
      if (await listener.isOver()) return;
    } catch (error) {
      if (signal.aborted || isRefusal(error)) return;
    } finally {
      listener.onConnection(false);
    }
    await pause(delayMs * (0.75 + Math.random() / 2), signal);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

async function readOnce(url: string, lastEventId: string | undefined, listener: StreamListener): Promise<void> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastEventId) headers['last-event-id'] = lastEventId;
  const response = await send(url, { headers, signal: listener.signal, cache: 'no-store' });
  if (!response.body) return;
  listener.onConnection(true);
  const parse = serverSentEvents();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parse(value)) listener.onEvent(event);
  }
}

/** A request that is wrong now stays wrong: no use in asking again. */
function isRefusal(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
