import { setTimeout as delay } from 'node:timers/promises';

/** A problem that the API told, in one line. */
export class ApiError extends Error {
  constructor(status, problem) {
    const fields = (problem.errors ?? []).map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    super([problem.detail ?? problem.title ?? `status ${status}`, fields].filter(Boolean).join(': '));
    this.status = status;
    this.code = problem.code;
  }
}

/** Splits a text stream into server-sent events: { event, data, id }. */
async function* serverSentEvents(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = { data: '' };
      for (const line of block.split('\n')) {
        const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
        if (name === 'data') fields.data += value;
        else if (name) fields[name] = value;
      }
      if (fields.event && fields.data) yield { ...fields, data: JSON.parse(fields.data) };
    }
  }
}

/** The few calls of Spool's HTTP API that the demo makes. */
export function createApi({ apiUrl, apiKey }) {
  const request = (path, init = {}) =>
    fetch(new URL(path, apiUrl), {
      ...init,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(init.body && { 'content-type': 'application/json' }),
        ...init.headers,
      },
    });

  async function call(method, path, body) {
    const answer = await request(path, { method, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    const json = text && /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : {};
    if (!answer.ok) throw new ApiError(answer.status, json);
    return json;
  }

  /** Follows an execution to its end. A broken connection goes on behind the last event that came. */
  async function* follow(id, signal) {
    let seen = 0;
    for (let failures = 0; failures < 10; failures += 1) {
      try {
        const answer = await request(`/v1/executions/${id}/events`, {
          headers: { 'last-event-id': String(seen) },
          signal,
        });
        if (!answer.ok) throw new ApiError(answer.status, await answer.json());
        for await (const message of serverSentEvents(answer.body)) {
          if (message.id) seen = Number(message.id);
          yield message;
          if (message.event === 'execution' && message.data.status !== 'RUNNING') return;
        }
      } catch (error) {
        if (signal.aborted || error instanceof ApiError) throw error;
      }
      await delay(200 * failures);
    }
    throw new Error(`Spool at ${apiUrl} no longer answers: the stream of the execution broke again and again`);
  }

  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    follow,
  };
}
