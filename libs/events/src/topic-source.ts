import { z } from 'zod';

const TOPIC = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

export const topicName = z.string({ error: 'must be the name of a topic' }).regex(TOPIC, {
  error: 'must be a topic name: 1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-", and not "." or ".."',
});

/** What one start may get: as much as an execution takes, less some room for the envelope. */
const MAX_BATCH_BYTES = 240_000;

const batchSchema = z
  .strictObject({
    size: z.int().min(1).max(1_000).default(100).describe('A batch has so many messages at the most'),
    windowSeconds: z
      .number()
      .min(0)
      .max(300)
      .default(0)
      .describe('How long to wait for a batch to fill; 0: what is there starts at once'),
    maxBytes: z
      .int()
      .min(1_000)
      .max(MAX_BATCH_BYTES)
      .default(MAX_BATCH_BYTES)
      .describe('And so many bytes, measured as the JSON of the messages'),
    shape: z
      .enum(['messages', 'lambda'], { error: 'must be "messages" or "lambda"' })
      .default('messages')
      .describe('How the target gets them: as a CloudEvent with a list, or as the event of AWS Lambda for Kafka'),
  })
  .describe('Starts the target with a list of messages');

const FROM = 'must be "latest", "earliest" or a time as in RFC 3339';

export const topicSource = z
  .strictObject({
    topic: topicName,
    from: z
      .union([z.enum(['latest', 'earliest']), z.iso.datetime({ offset: true, error: FROM })], { error: FROM })
      .default('latest')
      .describe('Where to begin when this trigger has never read the topic; a time is the first message since'),
    value: z
      .enum(['auto', 'json', 'text', 'binary'], { error: 'must be "auto", "json", "text" or "binary"' })
      .optional()
      .describe(
        'What values are: JSON, with dead letters for what is none; text; bytes in `valueBase64`; or what each looks like',
      ),
    batch: batchSchema.optional(),
    until: z
      .enum(['started', 'ended'], { error: 'must be "started" or "ended"' })
      .optional()
      .describe(
        'When a message is done: when its target has started, or when that has ended well; "ended" with a batch',
      ),
    order: z
      .enum(['key', 'partition', 'none'], { error: 'must be "key", "partition" or "none"' })
      .optional()
      .describe('Until "ended": what waits for what came before it; "key", if not said'),
    parallel: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe('Until "ended": how many of its targets may run at a time; 10, if not said'),
    bisect: z
      .boolean()
      .optional()
      .describe('Whether a batch that fails is divided in two, until the message that fails is alone'),
    maxAttempts: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('How often to try a message that fails, until it goes to the dead letters; 8, if not said'),
    maxAgeSeconds: z.int().min(1).max(2_592_000).optional().describe('For how long to try it; 6 hours, if not said'),
  })
  .superRefine((source, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (source.batch && source.until === 'started') refuse('until', 'must be "ended" for a batch');
    if (source.bisect && !source.batch) refuse('bisect', 'is for batches: say `batch` too');
    if (isWorkedOff(source)) return;
    if (source.order !== undefined) refuse('order', 'is kept only until "ended": say `until` or `batch` too');
    if (source.parallel !== undefined) refuse('parallel', 'is counted only until "ended": say `until` or `batch` too');
  });
export type TopicSource = z.infer<typeof topicSource>;

/** Whether messages are done only when what they have started has ended, and not as soon as it has started. */
export const isWorkedOff = ({ until, batch }: Pick<TopicSource, 'until' | 'batch'>): boolean =>
  until === 'ended' || batch !== undefined;
