import {
  CLOUD_EVENT_MODES,
  EXECUTION_EVENTS,
  type ExecutionEventType,
  INVOCATION_EVENTS,
  type InvocationEventType,
  topicName,
} from '@app/events';
import { z } from 'zod';
import { entityName } from '../catalogue/names.js';

const webAddress = z.url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' });

export type LifecycleEventType = ExecutionEventType | InvocationEventType;
const LIFECYCLE_EVENTS = [...EXECUTION_EVENTS, ...INVOCATION_EVENTS] as const;

/** Of the connection, or of the body: see RFC 9110, 7.6.1 and RFC 9112, 6. */
const OWN_HEADER =
  /^(host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/i;

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header')
  .refine((name) => !OWN_HEADER.test(name), 'is set by Spool itself');
const headerValue = z
  .string()
  .max(4_096)
  .regex(/^[\t\x20-\x7e]*$/, 'must have printable ASCII characters only');

const destination = z.union(
  [
    z.strictObject({
      topic: topicName.describe('One message for each event, with the id of the execution or invocation as its key'),
    }),
    z.strictObject({
      url: webAddress.max(2_048).describe('Where each event is posted to'),
      mode: z
        .enum(CLOUD_EVENT_MODES, { error: 'must be "structured" or "binary"' })
        .default('structured')
        .describe('The form of the HTTP binding of CloudEvents'),
      headers: z
        .record(headerName, headerValue)
        .optional()
        .describe('Sent with each event; what they say is never shown'),
      secret: z
        .string()
        .min(8)
        .max(256)
        .optional()
        .describe('Signs the body: X-Hub-Signature-256 has its HMAC, as of GitHub. Never shown'),
    }),
  ],
  { error: 'must be {"topic": NAME} or {"url": ADDRESS}' },
);

export const newSubscription = z
  .strictObject({
    name: entityName,
    workflows: z
      .array(entityName)
      .min(1, { error: 'must name at least one workflow' })
      .max(100)
      .optional()
      .describe('Only executions of these; of all, if not said'),
    functions: z
      .array(entityName)
      .min(1, { error: 'must name at least one function' })
      .max(100)
      .optional()
      .describe('Only invocations of these, outside of executions'),
    types: z
      .array(z.enum(LIFECYCLE_EVENTS, { error: `must be one of ${LIFECYCLE_EVENTS.join(', ')}` }))
      .min(1, { error: 'must name at least one type' })
      .optional()
      .describe(
        'Only these events. If not said, all of invocations if `functions` are named, and all of executions if `workflows` are, or neither',
      ),
    destination,
    enabled: z.boolean().default(true),
  })
  .meta({ id: 'NewSubscription' });
export type NewSubscription = z.input<typeof newSubscription>;
export type CheckedSubscription = z.output<typeof newSubscription>;
export type Destination = z.output<typeof destination>;

export interface Subscription {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly workflows: readonly string[] | null;
  readonly functions: readonly string[] | null;
  readonly types: readonly LifecycleEventType[] | null;
  readonly destination: Destination;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
