import type { UsageDay } from '@app/engine';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const MAX_DAYS = 366;
const day = z.iso.date({ error: 'must be a day, as 2026-01-31', abort: true });
const dayBefore = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

export const usageQuery = z
  .strictObject({
    from: day.default(() => dayBefore(29)).meta({ description: 'The first day, by UTC; 29 days ago by default' }),
    to: day.default(() => dayBefore(0)).meta({ description: 'The last day; today by default' }),
    function: z.string().max(64).optional().meta({ description: 'Only of this function' }),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'must not be before from' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < MAX_DAYS * DAY_MS, {
    path: ['from'],
    error: `must be at most ${MAX_DAYS} days before to`,
  });
export type UsageQuery = z.output<typeof usageQuery>;

const figures = {
  invocations: z.number().meta({ description: 'Runs that were given to an executor and have ended' }),
  failures: z.number(),
  wallSeconds: z.number(),
  cpuSeconds: z.number().meta({ description: 'Where the executor has cgroups; 0 otherwise' }),
  gpuSeconds: z.number().meta({ description: 'Wall time by the GPUs that were held' }),
  memoryGbSecondsReserved: z.number().meta({ description: '`memoryMb` / 1024 by wall time' }),
  memoryGbSecondsUsed: z.number().meta({ description: 'The peak of each run by its wall time' }),
  bytesIn: z.number().meta({ description: 'Of events and of files that were fetched for them' }),
  bytesOut: z.number().meta({ description: 'Of results and of files that were made' }),
  eventBytes: z.number().meta({ description: 'Of `bytesIn`: of events, as JSON' }),
  resultBytes: z.number().meta({ description: 'Of `bytesOut`: of results, as JSON' }),
};
const usageDay = z.object({ day, function: z.string(), ...figures }).meta({ id: 'UsageOfDay' });

export const usageList = z
  .object({
    items: z.array(usageDay),
    total: z.object(figures),
    upTo: z.iso.datetime().optional().meta({ description: 'What ended later is not in it yet' }),
  })
  .meta({ id: 'Usage' });

type Figures = z.output<z.ZodObject<typeof figures>>;

function toFigures(used: Omit<UsageDay, 'day' | 'function'>): Figures {
  const { invocations, failures, wallMs, cpuMs, gpuMs, reservedMbMs, usedMbMs } = used;
  const { bytesIn, bytesOut, eventBytes, resultBytes } = used;
  return {
    invocations,
    failures,
    wallSeconds: rounded(wallMs / 1e3),
    cpuSeconds: rounded(cpuMs / 1e3),
    gpuSeconds: rounded(gpuMs / 1e3),
    memoryGbSecondsReserved: rounded(reservedMbMs / 1024e3),
    memoryGbSecondsUsed: rounded(usedMbMs / 1024e3),
    bytesIn: bytesIn + eventBytes,
    bytesOut: bytesOut + resultBytes,
    eventBytes,
    resultBytes,
  };
}

export const toUsageDay = ({ day: date, function: name, ...used }: UsageDay): z.output<typeof usageDay> => ({
  day: date,
  function: name,
  ...toFigures(used),
});

export function toTotal(items: readonly z.output<typeof usageDay>[]): Figures {
  const names = Object.keys(figures) as (keyof Figures)[];
  const sums = names.map((name) => [name, rounded(items.reduce((sum, item) => sum + item[name], 0))] as const);
  return Object.fromEntries(sums) as Figures;
}

const rounded = (value: number): number => Math.round(value * 1e3) / 1e3;
