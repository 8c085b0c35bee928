import { newTrigger, type Trigger } from '@app/engine';
import { z } from 'zod';
import { listOf } from '../shell/pages.js';

const when = { createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() };
const [object, topic, schedule] = newTrigger.options;

export const triggerView = z
  .discriminatedUnion('kind', [object.extend(when), topic.extend(when), schedule.extend(when)])
  .meta({ id: 'Trigger' });
export const triggerList = listOf(triggerView);

export const changedTrigger = z
  .discriminatedUnion(
    'kind',
    [object.omit({ name: true }), topic.omit({ name: true }), schedule.omit({ name: true })],
    { error: 'must be "object", "topic" or "schedule"' },
  )
  .meta({ id: 'ChangedTrigger' });
export type ChangedTrigger = z.output<typeof changedTrigger>;

export const toTriggerView = ({ id: _id, namespace: _namespace, createdAt, updatedAt, ...trigger }: Trigger) => ({
  ...trigger,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
