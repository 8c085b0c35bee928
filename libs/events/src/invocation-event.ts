import { type CloudEvent, cloudEvent } from './cloud-event.js';
import type { Json } from './json.js';
import { toldValues } from './told-values.js';

/** What runs of functions outside of executions tell of themselves. */
export const INVOCATION_EVENTS = [
  'spool.invocation.started',
  'spool.invocation.succeeded',
  'spool.invocation.failed',
  'spool.invocation.timed_out',
  'spool.invocation.cancelled',
] as const;
export type InvocationEventType = (typeof INVOCATION_EVENTS)[number];
export const INVOCATION_EVENT_PREFIX = 'spool.invocation.';

export const invocationSourceOf = (name: string): string => `/functions/${name}`;

export interface InvocationEventData {
  readonly invocationId: string;
  readonly function: string;
  readonly version?: number;
  readonly status: string;
  /** It may be begun more than once, and ends once. */
  readonly attempt: number;
  readonly lane: 'fast' | 'queue';
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly input?: Json;
  readonly output?: Json;
  /** Values that are too large to be told; the invocation has them. */
  readonly omitted?: readonly string[];
  readonly error?: string;
  readonly cause?: string;
}

/** The id is the same however often the event is told. */
export function invocationEvent(
  type: InvocationEventType,
  { input, output, ...data }: InvocationEventData,
  time: string,
): CloudEvent<InvocationEventData> {
  const { omitted: more = [], ...told } = toldValues({ input, output }) as { omitted?: string[] };
  const omitted = [...(data.omitted ?? []), ...more];
  return cloudEvent({
    id: `${data.invocationId}/${type.slice(INVOCATION_EVENT_PREFIX.length)}/${data.attempt}`,
    source: invocationSourceOf(data.function),
    type,
    subject: data.invocationId,
    time,
    data: { ...data, ...told, ...(omitted.length > 0 && { omitted }) },
  });
}
