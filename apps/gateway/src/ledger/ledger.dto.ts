import { bucketName } from '@app/events';
import { z } from 'zod';
import { limit, listOf } from '../shell/pages.js';

export const bucket = bucketName.meta({ description: 'Its name' });
const when = z.iso.datetime().nullable();

const figures = {
  seen: z.int().meta({ description: 'Versions of objects that triggers wait for' }),
  acted: z.int().meta({ description: 'Of these, how many became an event with what it starts' }),
  pending: z.int().meta({ description: 'Events for which a trigger has not started yet, because that failed' }),
  settling: z.int().meta({ description: 'Objects that a trigger waits for to be complete' }),
  healed: z.int().meta({ description: 'Found by a sweep, without a notification' }),
  lagP50Seconds: z.number().nullable(),
  lagP99Seconds: z
    .number()
    .nullable()
    .meta({ description: "From the object's time to its event, of the latest 1,000" }),
  sweep: z
    .object({
      startedAt: when,
      finishedAt: when,
      nextAt: z.iso.datetime(),
      listed: z.int(),
      healed: z.int(),
      error: z.string().nullable(),
    })
    .optional()
    .meta({ description: 'The latest reading of the listing; absent before the first' }),
};

export const ledgerView = z
  .object(figures)
  .meta({ id: 'Ledger', description: 'How complete the events of a bucket are' });

export const ledgerList = listOf(z.object({ bucket: z.string(), ...figures }).meta({ id: 'BucketLedger' }));

export const ledgerEntries = listOf(
  z
    .object({
      key: z.string(),
      etag: z.string().nullable(),
      size: z.int().nullable(),
      eventId: z.string(),
      seenAt: z.iso.datetime(),
      notifiedAt: when,
      listedAt: when,
    })
    .meta({ id: 'LedgerEntry' }),
);
export const ledgerQuery = z.object({
  healed: z.stringbool().default(false).meta({ description: 'Only what a sweep found without a notification' }),
  limit: limit(100, 1_000),
});
export type LedgerQuery = z.output<typeof ledgerQuery>;
