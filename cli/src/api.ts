import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';
import { type Connection, UsageError } from './connection.js';

/** Problem details, RFC 9457, as the gateway gives them. */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** What the gateway refused, and why. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface Ask {
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The path of a route with values in it, which may hold any character. */
export const route = (texts: TemplateStringsArray, ...values: readonly string[]): string =>
  texts.map((text, n) => text + encodeURIComponent(values[n] ?? '')).join('');

/** The gateway's API, one request at a time. */
export class Api {
  constructor(private readonly connection: Connection) {}

  get<Answer>(path: string, query?: Query): Promise<Answer> {
    return this.ask('GET', path, { query });
  }

  async ask<Answer>(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    const response = await this.send(method, path, ask);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  /** Every item of a list, page by page, up to `limit`. */
  async list<Item>(path: string, { limit, ...query }: Query & { limit: number }): Promise<Item[]> {
    const items: Item[] = [];
    for (let cursor: string | undefined; items.length < limit; ) {
      const size = Math.min(limit - items.length, 500);
      const page: { items: Item[]; nextCursor?: string } = await this.get(path, { ...query, limit: size, cursor });
      items.push(...page.items);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    return items.slice(0, limit);
  }

  /** Messages of a `text/event-stream`, until the server ends it. */
  async *follow(path: string): AsyncGenerator<EventSourceMessage> {
    const { body } = await this.send('GET', path, {}, 'text/event-stream');
    if (!body) return;
    const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const message of messages) yield message;
  }

  private async send(method: string, path: string, { query, body, headers: more }: Ask, accept = 'application/json') {
    const { url, key } = this.connection;
    const address = new URL(`${url}/v1/${path}`);
    for (const [name, value] of Object.entries(query ?? {}))
      if (value !== undefined) address.searchParams.set(name, `${value}`);
    const headers = { accept, authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(address, { method, headers, ...content }).catch((error: Error) => {
      const { cause } = error as { cause?: Error };
      throw new UsageError(`Nothing answers at ${url} (${cause?.message || error.message}); is Spool running?`);
    });
    if (response.ok) return response;
    throw new Refused(response.status, await problemOf(response));
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return { title: `${response.status} ${response.statusText}`, detail: text.slice(0, 500) };
  }
}
