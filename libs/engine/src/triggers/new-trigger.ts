import {
  eventPattern,
  eventSource,
  type EventSource,
  KINDS,
  objectSource,
  type ObjectSource,
  scheduleSource,
  type ScheduleSource,
  topicSource,
  type TopicSource,
  webhookSource,
  type WebhookSource,
} from '@app/events';
import { z } from 'zod';
import { entityName } from '../catalogue/names.js';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';

const qualified = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9._-]{1,80})?$/,
    'must be the name of a workflow, with or without a version or alias behind a colon',
  );
const target = z.union([z.strictObject({ workflow: qualified }), z.strictObject({ function: entityName })], {
  error: 'must be either {"workflow": NAME} or {"function": NAME}',
});

const common = {
  name: entityName,
  target: target.meta({ description: 'What an event starts' }),
  queryLanguage: z
    .enum(['JSONPath', 'JSONata'], { error: 'must be "JSONPath" or "JSONata"' })
    .optional()
    .meta({ description: 'How `input` and `executionName` are written; JSONPath, if not said' }),
  input: z.json().optional().meta({
    description:
      'How the event becomes the input: fields that end in ".$" are JSONPaths over the CloudEvent; in JSONata, texts in {% … %} are expressions over $event',
  }),
  executionName: z
    .string({ error: 'must be a JSONPath or an intrinsic function, or an expression of JSONata in {% … %}' })
    .min(1)
    .max(1_024)
    .optional()
    .meta({ description: 'What the execution is called; what no name may have becomes "-"' }),
  pattern: eventPattern.optional(),
  enabled: z.boolean().default(true),
};

const bucketOfOthers = objectSource.refine(({ bucket }) => bucket !== SYSTEM_BUCKET, {
  path: ['bucket'],
  error: `must not be ${SYSTEM_BUCKET}: that is Spool's own`,
});

export const newTrigger = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ ...common, kind: z.literal('object'), source: bucketOfOthers }),
      z.strictObject({ ...common, kind: z.literal('topic'), source: topicSource }),
      z.strictObject({ ...common, kind: z.literal('schedule'), source: scheduleSource }),
      z.strictObject({ ...common, kind: z.literal('event'), source: eventSource.default({}) }),
      z.strictObject({ ...common, kind: z.literal('webhook'), source: webhookSource }),
    ],
    { error: KINDS },
  )
  .meta({ id: 'NewTrigger' });
export type NewTrigger = z.input<typeof newTrigger>;
export type CheckedTrigger = z.output<typeof newTrigger>;

export type TriggerSource = ObjectSource | TopicSource | ScheduleSource | EventSource | WebhookSource;
export type QueryLanguage = NonNullable<CheckedTrigger['queryLanguage']>;
export type TriggerTarget = z.output<typeof target>;
