import { z } from 'zod';

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'must be the name of a header: 1 to 64 of A-Z, a-z, 0-9 and "-"' })
  .transform((name) => name.toLowerCase());
const secret = z
  .string({ error: 'must be the secret that the sender signs with' })
  .min(8, { error: 'must have at least 8 characters' })
  .max(512, { error: 'must not have more than 512 characters' });
const toleranceSeconds = z
  .number()
  .int()
  .min(1)
  .max(86_400)
  .default(300)
  .describe('How old a signature may be, by the time that is signed with it');

/** How a request shows that it comes from whom it should. */
const signature = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('none') }).describe('Anybody may call'),
    z.strictObject({ kind: z.literal('key') }).describe('An API key of the namespace'),
    z.strictObject({ kind: z.literal('github'), secret }).describe('X-Hub-Signature-256 over the body'),
    z.strictObject({ kind: z.literal('stripe'), secret, toleranceSeconds }).describe('Stripe-Signature: t=…,v1=…'),
    z
      .strictObject({
        kind: z.literal('hmac'),
        secret,
        header: header.describe('Where the signature is'),
        algorithm: z.enum(['sha256', 'sha512', 'sha1']).default('sha256'),
        encoding: z.enum(['hex', 'base64']).default('hex'),
        prefix: z.string().max(32).default('').describe('What stands before the signature, such as "sha256="'),
        timestampHeader: header
          .optional()
          .describe('Where the time is, in seconds; TIME.BODY is signed then, and old requests are refused'),
        toleranceSeconds,
      })
      .describe('An HMAC over the body, or over TIME.BODY'),
  ],
  { error: 'must be of the kind "none", "key", "github", "stripe" or "hmac"' },
);

export const webhookSource = z.strictObject({
  path: z
    .string({ error: 'must be a path' })
    .regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/, {
      error: 'must be a path of a-z, 0-9, ".", "_", "-" in parts between "/", without one at its ends',
    })
    .max(200, { error: 'must not be longer than 200 characters' })
    .describe('It is called at /hooks/NAMESPACE/PATH'),
  methods: z
    .array(z.enum(['POST', 'PUT', 'GET'], { error: 'must be "POST", "PUT" or "GET"' }))
    .min(1, { error: 'must name at least one of "POST", "PUT" and "GET"' })
    .default(['POST']),
  signature,
  answer: z
    .enum(['accepted', 'result'], { error: 'must be "accepted" or "result"' })
    .default('accepted')
    .describe('202 as soon as the request is stored, or the output of what it started'),
  waitSeconds: z.number().int().min(1).max(60).default(30).describe('How long to wait for the output'),
});

export type WebhookSource = z.infer<typeof webhookSource>;
export type WebhookSignature = WebhookSource['signature'];
