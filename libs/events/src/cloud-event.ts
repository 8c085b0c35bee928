import { z } from 'zod';
import type { Json } from './json.js';

/**
 * An event in the envelope of CloudEvents 1.0 (JSON format, section 3). `source` and `id` together are its
 * identity: two deliveries with the same pair are one event.
 */
export interface CloudEvent<Data = Json> {
  readonly specversion: '1.0';
  readonly id: string;
  /** A URI reference, such as `/objects/uploads`. */
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time: string;
  readonly data: Data;
}

const attribute = (name: string) =>
  z
    .string({ error: `must be a string: the ${name} of the event` })
    .min(1, { error: `must not be empty: the ${name} of the event` })
    .max(2_048, { error: 'must not be longer than 2048 characters' });

/** An event from outside. Extension attributes and members that CloudEvents does not name are left out. */
export const cloudEventSchema = z.object({
  specversion: z.literal('1.0', { error: 'must be "1.0", the version of CloudEvents that is understood' }),
  id: attribute('id'),
  source: attribute('source'),
  type: attribute('type'),
  subject: attribute('subject').optional(),
  time: z.iso.datetime({ offset: true, error: 'must be a time as in RFC 3339, such as 2026-01-31T09:30:00Z' }),
  data: z.json({ error: 'must be JSON' }).default(null),
});

/** An event of our own: the envelope around what is given. */
export const cloudEvent = <Data>(event: Omit<CloudEvent<Data>, 'specversion'>): CloudEvent<Data> => ({
  specversion: '1.0',
  ...event,
});
