import { z } from 'zod';
import { readGlob } from './glob.js';
import { markerEnd } from './settle.js';

const BUCKET = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
export const bucketName = z.string({ error: 'must be the name of a bucket' }).regex(BUCKET, {
  error: 'must be a bucket name: 3 to 63 of a-z, 0-9, "." and "-", a letter or digit at both ends, no IP address',
});

const MOST = 50;
const listOr = <One extends z.ZodType>(one: One) =>
  z.union([one, z.array(one).min(1, { error: 'must not be empty' }).max(MOST)]);

const keyPart = z
  .string({ error: 'must be a text, or a list of texts' })
  .max(1_024, { error: 'must not be longer than 1024 characters, as no key is' });

const glob = z.string({ error: 'must be a glob, such as "in/**/*.{mov,mp4}"' }).superRefine((text, context) => {
  const read = readGlob(text);
  if (typeof read === 'string') context.addIssue({ code: 'custom', message: read });
});
const globs = z.array(glob).min(1, { error: 'must not be empty' }).max(MOST);

/** As AWS names them: `ObjectCreated:Put`, `ObjectRemoved:*`. */
const eventType = z.string().regex(/^(created|removed|(ObjectCreated|ObjectRemoved):(\*|[A-Za-z]{1,40}))$/, {
  error: 'must be "created", "removed", or a type of S3 such as "ObjectCreated:Put" or "ObjectRemoved:*"',
});

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const size = z
  .strictObject({ min: bytes.optional(), max: bytes.optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, { error: 'must have "min" or "max", in bytes' })
  .refine(({ min = 0, max = Infinity }) => min <= max, { path: ['max'], error: 'must not be less than "min"' });

const mediaType = z.string().regex(/^[a-z0-9!#$&^_.+-]+\/(\*|[a-z0-9!#$&^_.+-]+)$/i, {
  error: 'must be a media type, such as "video/mp4" or "video/*"',
});

const metadata = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,127}$/, {
      error: 'must be the name of user metadata in lower case, without "x-amz-meta-"',
    }),
    listOr(z.string().max(2_048)),
  )
  .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= MOST, {
    error: `must name 1 to ${MOST} entries`,
  });

const marker = z
  .string()
  .min(1)
  .max(1_024)
  .refine((template) => /\{(key|dir|name|stem)\}/.test(template), {
    error: 'must contain {key}, {dir}, {name} or {stem}: each object has a marker of its own, or its folder has one',
  })
  .refine((template) => markerEnd(template) !== '', {
    error:
      'must end in a text behind its last placeholder, such as "{key}.done": else no marker could be told from a file',
  });
const timeoutSeconds = z
  .number()
  .int()
  .min(60)
  .max(2_592_000)
  .default(86_400)
  .describe('How long to wait; then the event goes to the dead letters');

const settle = z.union(
  [
    z
      .strictObject({
        quietSeconds: z.number().int().min(1).max(86_400).describe('For so long, the object must not change again'),
      })
      .describe('Waits until an object that is uploaded again and again stays as it is'),
    z
      .strictObject({
        marker: marker.describe('The key of an object that says that this one is complete: "{key}.done"'),
        timeoutSeconds,
      })
      .describe('Waits for another object, as new as this one'),
  ],
  { error: 'must be either {"quietSeconds": N} or {"marker": "{key}.done"}' },
);

export const objectSource = z.strictObject({
  bucket: bucketName,
  events: z
    .array(eventType)
    .min(1, { error: 'must name at least one of "created" and "removed", or types of S3' })
    .max(MOST)
    .default(['created']),
  prefix: listOr(keyPart).optional().describe('Only keys that begin so; of several, with one of them'),
  suffix: listOr(keyPart).optional().describe('Only keys that end so, such as ".mp4"; capitals matter'),
  keys: globs.optional().describe('Only keys that match one of these globs, such as "in/**/*.{mov,mp4}"'),
  exclude: globs.optional().describe('No keys that match one of these globs'),
  size: size.optional().describe('Only objects of so many bytes'),
  contentType: listOr(mediaType).optional().describe('Only objects of these types, such as "video/*"'),
  metadata: metadata.optional().describe('Only objects with such user metadata; of several values, one'),
  settle: settle.optional().describe('What must have happened before a new object counts as complete'),
  allowSelfTrigger: z
    .boolean()
    .optional()
    .describe('Take the trigger though what it starts writes to where it listens'),
});
export type ObjectSource = z.infer<typeof objectSource>;
