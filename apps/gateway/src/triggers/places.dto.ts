import { z } from 'zod';

const offset = z.string().regex(/^\d{1,19}$/, 'must be an offset: up to 19 digits, as a text');
const position = z.strictObject({ partition: z.int().min(0), offset });

const TO = 'must be "latest", "earliest", a time as in RFC 3339, or a list of {"partition", "offset"}';

const to = z
  .union(
    [
      z.enum(['latest', 'earliest']),
      z.iso.datetime({ offset: true, error: TO }),
      z.array(position, { error: TO }).min(1).max(1_000),
    ],
    { error: TO },
  )
  .meta({ description: 'An end of the topic, the first message since a time, or an offset for some partitions' });

export const reset = z.strictObject({ to }).meta({ id: 'ResetTrigger' });
export type Reset = z.output<typeof reset>;

export const place = z
  .object({
    topic: z.string(),
    group: z.string().meta({ description: 'The name of the consumer group' }),
    partitions: z.array(
      z.object({
        partition: z.int(),
        offset: z.string().optional().meta({ description: 'The next message to read; absent if none was ever read' }),
        end: z.string().meta({ description: 'Where the next message will stand' }),
        lag: z.int().meta({ description: 'How many messages are not read' }),
      }),
    ),
    lag: z.int(),
    waiting: z.int().meta({ description: 'Messages that were read and wait for their turn' }),
    running: z.int().meta({ description: 'Messages whose target has not ended; of triggers that wait for that' }),
    resetTo: to.optional().meta({ description: 'Where it will read on, once nobody reads at the old place any more' }),
  })
  .meta({ id: 'TriggerPlace' });
