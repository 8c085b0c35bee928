import type { CloudEvent } from './cloud-event.js';

export interface CloudEventRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The two forms of the HTTP binding of CloudEvents 1.0 (section 3) for one event. */
export const CLOUD_EVENT_MODES = ['structured', 'binary'] as const;
export type CloudEventMode = (typeof CLOUD_EVENT_MODES)[number];

export function cloudEventRequest(event: CloudEvent<unknown>, mode: CloudEventMode): CloudEventRequest {
  if (mode === 'structured') {
    return { headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' }, body: JSON.stringify(event) };
  }
  const { data, ...attributes } = event;
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerText(String(value))]);
  return {
    headers: { ...Object.fromEntries(headers), 'content-type': 'application/json' },
    body: JSON.stringify(data),
  };
}

/** Section 3.1.3.2: what is not printable ASCII, and the space, the quote and the percent sign, is percent-encoded. */
const headerText = (text: string): string =>
  text.replaceAll(/[^\x21-\x7e]|["%]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
