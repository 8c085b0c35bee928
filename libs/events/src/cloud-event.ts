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

const extension = z.union([z.string().max(8_192), z.number(), z.boolean()], {
  error: 'must be a text, a number or a boolean, as every attribute of a CloudEvent',
});

/**
 * An event from outside, in the JSON format of CloudEvents (section 3). Extension attributes stay, at the top of the
 * event as they came; `time` may be missing.
 */
export const cloudEventSchema = z
  .object({
    specversion: z.literal('1.0', { error: 'must be "1.0", the version of CloudEvents that is understood' }),
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type'),
    subject: attribute('subject').optional(),
    time: z.iso
      .datetime({ offset: true, error: 'must be a time as in RFC 3339, such as 2026-01-31T09:30:00Z' })
      .optional(),
    data: z.json({ error: 'must be JSON' }).default(null),
  })
  .catchall(extension)
  .superRefine((event, context) => {
    for (const name of Object.keys(event)) {
      if (KNOWN.has(name) || /^[a-z0-9]{1,20}$/.test(name)) continue;
      const message = 'is no name of an attribute: 1 to 20 of a-z and 0-9';
      context.addIssue({ code: 'custom', path: [name], message });
    }
  })
  .meta({ id: 'CloudEvent', description: 'CloudEvents 1.0 in its JSON format; extension attributes stay' });
const KNOWN = new Set(['data_base64']);
export type ReceivedCloudEvent = z.output<typeof cloudEventSchema>;

/** With the time at which it was received, if it has none of its own. */
export const received = (event: ReceivedCloudEvent, at: Date): CloudEvent =>
  ({ ...event, time: event.time ?? at.toISOString() }) as unknown as CloudEvent;

/** An event of our own: the envelope around what is given. */
export const cloudEvent = <Data>(event: Omit<CloudEvent<Data>, 'specversion'>): CloudEvent<Data> => ({
  specversion: '1.0',
  ...event,
});
