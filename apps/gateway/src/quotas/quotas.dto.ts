import type { QuotaUse } from '@app/engine';
import { z } from 'zod';

const limit = z.int().min(0).max(10_000_000);
const running = 'Tasks of functions that may run at the same time; without it, as many as there is room for';
const queued = 'Tasks that may wait; a direct call beyond is refused with 429. Those of workflows always may';

export const newQuota = z
  .strictObject({
    maxRunning: limit.optional().meta({ description: running }),
    maxQueued: limit.optional().meta({ description: queued }),
  })
  .meta({ id: 'NewQuota' });
export type NewQuota = z.output<typeof newQuota>;

export const quotaView = z
  .object({
    maxRunning: z.int().optional().meta({ description: running }),
    maxQueued: z.int().optional().meta({ description: queued }),
    running: z.int().meta({ description: 'How many run now' }),
    queued: z.int().meta({ description: 'How many wait now' }),
  })
  .meta({ id: 'Quota' });

export const toQuota = ({ maxRunning, maxQueued, running: now, queued: waiting }: QuotaUse) => ({
  ...(maxRunning !== undefined && { maxRunning }),
  ...(maxQueued !== undefined && { maxQueued }),
  running: now,
  queued: waiting,
});
