import { z } from 'zod';

const days = (fallback: number, what: string) =>
  z
    .int({ error: 'must be a whole number of days, or null to keep them for ever' })
    .min(1, { error: 'must be at least 1 day' })
    .max(36_500, { error: 'must not be more than 36500 days' })
    .nullable()
    .default(fallback)
    .meta({ description: `For how many days ${what}; null for ever. ${fallback}, if not said` });

/** How long a namespace keeps what. Nothing that still runs or waits is ever removed. */
export const retentionPolicy = z
  .strictObject({
    events: days(30, 'events are kept, with what they started'),
    executions: days(90, 'executions that have ended are kept, with their history and their invocations'),
    invocations: days(90, 'invocations outside of executions are kept'),
    logs: days(30, 'the lines that functions wrote are kept'),
    deadLetters: days(90, 'dead letters are kept'),
    objects: days(30, 'the ledger remembers versions of objects that are not there any more'),
  })
  .meta({ id: 'RetentionPolicy' });
export type RetentionPolicy = z.output<typeof retentionPolicy>;
export type Kept = keyof RetentionPolicy;
