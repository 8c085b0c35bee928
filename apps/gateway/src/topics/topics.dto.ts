import { topicName } from '@app/events';
import { z } from 'zod';

export { topicName };

const header = z.string().max(256);

export const publish = z
  .strictObject({
    messages: z
      .array(
        z.strictObject({
          key: z.string().max(1_024).optional().meta({ description: 'Messages with the same key keep their order' }),
          value: z.json().meta({ description: 'Any JSON; a text is published as it is, all else as JSON' }),
          headers: z.record(header, z.string().max(8_192)).optional(),
        }),
      )
      .min(1, 'must have at least one message')
      .max(1_000, 'must not have more than 1000 messages'),
  })
  .meta({ id: 'PublishMessages' });
export type Publish = z.output<typeof publish>;

export const published = z
  .object({ messages: z.array(z.object({ partition: z.int(), offset: z.string() })) })
  .meta({ id: 'PublishedMessages' });
