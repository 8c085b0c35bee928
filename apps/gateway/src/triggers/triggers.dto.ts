import { newTrigger, type Trigger, withoutSecret } from '@app/engine';
import { KINDS } from '@app/events';
import { z } from 'zod';
import { listOf } from '../shell/pages.js';

const warnings = z
  .array(z.object({ pointer: z.string(), message: z.string() }))
  .optional()
  .meta({
    description: 'What is probably not meant, such as a trigger that may start itself; when it is made or changed',
  });
const when = { createdAt: z.iso.datetime(), updatedAt: z.iso.datetime(), warnings };
const [object, topic, schedule, event, webhook] = newTrigger.options;

export const triggerView = z
  .discriminatedUnion('kind', [
    object.extend(when),
    topic.extend(when),
    schedule.extend(when),
    event.extend(when),
    webhook.extend(when),
  ])
  .meta({ id: 'Trigger' });
export const triggerList = listOf(triggerView);

export const changedTrigger = z
  .discriminatedUnion(
    'kind',
    [
      object.omit({ name: true }),
      topic.omit({ name: true }),
      schedule.omit({ name: true }),
      event.omit({ name: true }),
      webhook.omit({ name: true }),
    ],
    { error: KINDS },
  )
  .meta({ id: 'ChangedTrigger' });
export type ChangedTrigger = z.output<typeof changedTrigger>;

export const toTriggerView = ({ id: _id, namespace: _namespace, createdAt, updatedAt, ...trigger }: Trigger) => ({
  ...withoutSecret(trigger as Trigger),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
