import { scheduleSource } from '@app/events';
import { z } from 'zod';

const count = z.coerce.number().int().min(1).max(100).default(10).meta({ description: 'How many; up to 100' });
const after = z.iso
  .datetime({ offset: true })
  .optional()
  .meta({ description: 'Ticks after this time; now, if absent' });

export const ticksQuery = z.object({ count, after });
export type TicksQuery = z.output<typeof ticksQuery>;

export const schedulePreview = z.strictObject({ source: scheduleSource, count, after }).meta({ id: 'SchedulePreview' });
export type SchedulePreview = z.output<typeof schedulePreview>;

export const tickList = z
  .object({ items: z.array(z.iso.datetime()) })
  .meta({ id: 'Ticks', description: 'Planned times; each tick fires up to `jitterSeconds` later' });
