import type { CloudEvent } from '@app/events';
import type { Json } from '@app/workflow';
import { v7 as uuid } from 'uuid';
import { type Refs, split } from '../payloads/payload-marks.js';

/** What an event has in its row: attributes that CloudEvents does not name are in `extensions`, large data elsewhere. */
export interface EventRow {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: Date;
  readonly data: unknown;
  readonly extensions: Readonly<Record<string, unknown>> | null;
  readonly refs: EventRefs | null;
}

export type EventRefs = Refs<'data'>;

/** For `json_to_recordset`: what is absent is null there. Its data must be in the object store, if it is large. */
export function toEventRecord(namespace: string, event: CloudEvent<unknown>) {
  const { specversion: _version, source, id, type, subject, time, data, ...extensions } = event;
  const { values, refs } = split(namespace, { data: (data ?? null) as Json });
  return {
    source,
    id,
    type,
    subject,
    time,
    data: values.data,
    extensions: Object.keys(extensions).length === 0 ? undefined : extensions,
    ...(refs && { refs, holder: uuid() }),
  };
}

/** Null stands for data that is elsewhere. */
export const toEvent = ({ source, id, type, subject, time, data, extensions }: EventRow): CloudEvent<unknown> => ({
  ...extensions,
  specversion: '1.0',
  source,
  id,
  type,
  ...(subject !== null && { subject }),
  time: time.toISOString(),
  data,
});
