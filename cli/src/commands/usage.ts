import type { Command } from 'commander';
import { withSession } from '../session.js';

interface Figures {
  readonly invocations: number;
  readonly failures: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly gpuSeconds: number;
  readonly memoryGbSecondsReserved: number;
  readonly memoryGbSecondsUsed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}
interface Usage {
  readonly items: readonly (Figures & { readonly day: string; readonly function: string })[];
  readonly total: Figures;
}
interface Filter {
  readonly from?: string;
  readonly to?: string;
  readonly function?: string;
}

export function addUsage(program: Command): void {
  program
    .command('usage')
    .description('what functions have used, by day')
    .option('--from <day>', 'the first day, as 2026-01-31; 29 days ago by default')
    .option('--to <day>', 'the last day; today by default')
    .option('-f, --function <name>')
    .action(
      withSession(async ({ api, out }, filter: Filter) => {
        const usage = await api.get<Usage>('usage', { ...filter });
        if (out.isJson) return out.json(usage);
        const total = { ...usage.total, day: 'total', function: '' };
        out.table([...usage.items, ...(usage.items.length > 0 ? [total] : [])], {
          DAY: ({ day }) => day,
          FUNCTION: ({ function: name }) => name,
          RUNS: ({ invocations }) => invocations,
          FAILED: ({ failures }) => failures,
          'WALL S': ({ wallSeconds }) => wallSeconds,
          'CPU S': ({ cpuSeconds }) => cpuSeconds,
          'GPU S': ({ gpuSeconds }) => gpuSeconds,
          'GB S': ({ memoryGbSecondsReserved }) => memoryGbSecondsReserved,
          'USED GB S': ({ memoryGbSecondsUsed }) => memoryGbSecondsUsed,
          IN: ({ bytesIn }) => bytesIn,
          OUT: ({ bytesOut }) => bytesOut,
        });
      }),
    );
}
