import { type CloudEvent, cloudEvent } from './cloud-event.js';
import type { Json } from './json.js';

export const WEBHOOK_RECEIVED = 'spool.webhook.received';

export const webhookSourceOf = (triggerName: string): string => `/webhooks/${triggerName}`;

export type WebhookEventData = {
  method: string;
  path: string;
  query: { [name: string]: string };
  /** By their names in lower case, without those that carry secrets. */
  headers: { [name: string]: string };
  /** JSON if it parses as JSON, else text; null if it is neither. */
  body: Json;
  bodyBase64?: string;
};

const SECRET = /^(authorization|cookie|proxy-authorization|x-api-key|.*-signature(-\d+)?)$/;

/** A request to a webhook trigger. The id decides what counts as the same request sent again. */
export function webhookEvent(
  triggerName: string,
  { id, time, ...data }: WebhookEventData & { readonly id: string; readonly time: string },
): CloudEvent<WebhookEventData> {
  const headers = Object.fromEntries(Object.entries(data.headers).filter(([name]) => !SECRET.test(name)));
  return cloudEvent({
    id,
    source: webhookSourceOf(triggerName),
    type: WEBHOOK_RECEIVED,
    subject: data.path,
    time,
    data: { ...data, headers },
  });
}
