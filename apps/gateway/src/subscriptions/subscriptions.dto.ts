import { newSubscription, type Subscription, withoutSecrets } from '@app/engine';
import { z } from 'zod';
import { listOf } from '../shell/pages.js';

export const changedSubscription = newSubscription.omit({ name: true }).meta({ id: 'ChangedSubscription' });
export type ChangedSubscription = z.output<typeof changedSubscription>;

export const subscriptionView = newSubscription
  .extend({ createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() })
  .meta({ id: 'Subscription' });
export const subscriptionList = listOf(subscriptionView);

export const toSubscriptionView = ({
  name,
  workflows,
  functions,
  types,
  destination,
  enabled,
  ...when
}: Subscription) => ({
  name,
  ...(workflows && { workflows }),
  ...(functions && { functions }),
  ...(types && { types }),
  destination: withoutSecrets(destination),
  enabled,
  createdAt: when.createdAt.toISOString(),
  updatedAt: when.updatedAt.toISOString(),
});
