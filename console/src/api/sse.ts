/** One message of a `text/event-stream`. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

interface Pending {
  event: string;
  data: string[];
  id?: string;
}

/**
 * Feeds on chunks of text as they arrive, cut anywhere, and gives the messages that are complete.
 * Lines end in LF, CRLF or CR; a message ends at an empty line; a line that begins with ':' is a comment.
 */
export function serverSentEvents(): (chunk: string) => ServerSentEvent[] {
  let rest = '';
  let pending: Pending = { event: '', data: [] };

  function take(line: string): ServerSentEvent | undefined {
    if (line === '') {
      const { event, data, id } = pending;
      pending = { event: '', data: [] };
      return data.length > 0 ? { event: event || 'message', data: data.join('\n'), id } : undefined;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') pending.event = value;
    if (field === 'data') pending.data.push(value);
    if (field === 'id') pending.id = value;
    return undefined;
  }

  return (chunk) => {
    const text = rest + chunk;
    // A CR at the very end may be the first half of a CRLF: it waits for the next chunk.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + text.slice(end);
    return lines.map(take).filter((event) => event !== undefined);
  };
}
