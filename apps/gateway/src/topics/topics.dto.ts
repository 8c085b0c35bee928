import { isStorable } from '@app/common';
import { topicName } from '@app/events';
import { z } from 'zod';
import { UNSTORABLE_TEXT } from '../shell/body.js';

export { topicName };

const text = (most: number) => z.string().max(most).refine(isStorable, UNSTORABLE_TEXT);
const header = text(256);

const base64 = z.base64({ error: 'must be base64' }).max(1_400_000);
const given = { value: z.json().optional(), valueBase64: base64.optional() };

const message = z
  .strictObject({
    key: text(1_024).optional().meta({ description: 'Messages with the same key keep their order' }),
    value: given.value.meta({ description: 'Any JSON; a text is published as it is, all else as JSON' }),
    valueBase64: given.valueBase64.meta({ description: 'Bytes, in place of `value`' }),
    isTombstone: z.literal(true).optional().meta({
      description: 'No value at all: on a compacted topic, what the key stands for is gone',
    }),
    headers: z.record(header, text(8_192)).optional(),
  })
  .refine((sent) => [sent.value, sent.valueBase64, sent.isTombstone].filter((one) => one !== undefined).length === 1, {
    path: ['value'],
    error: 'is required, or valueBase64, or isTombstone; one of them',
  });

export const publish = z
  .strictObject({
    messages: z
      .array(message)
      .min(1, 'must have at least one message')
      .max(1_000, 'must not have more than 1000 messages'),
  })
  .meta({ id: 'PublishMessages' });
export type Publish = z.output<typeof publish>;

export const published = z
  .object({ messages: z.array(z.object({ partition: z.int(), offset: z.string() })) })
  .meta({ id: 'PublishedMessages' });
