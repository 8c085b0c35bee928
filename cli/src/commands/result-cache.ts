import type { Command } from 'commander';
import { withSession } from '../session.js';

interface Figures {
  readonly function: string;
  readonly entries: number;
  readonly hits: number;
  readonly savedCpuMs: number;
}

export function addResultCache(program: Command): void {
  const cache = program.command('cache').description('results of functions that say they are deterministic');
  cache
    .command('show')
    .description('what is kept, and what it has saved')
    .action(
      withSession(async ({ api, out }) => {
        const { items } = await api.get<{ items: Figures[] }>('result-cache');
        out.table(items, {
          FUNCTION: (figures) => figures.function,
          RESULTS: ({ entries }) => entries,
          SERVED: ({ hits }) => hits,
          'CPU SAVED': ({ savedCpuMs }) => `${(savedCpuMs / 1_000).toFixed(1)} s`,
        });
      }),
    );
  cache
    .command('clear')
    .description('forget results, so that their work is done again')
    .option('-f, --function <name>', 'only of this function')
    .action(
      withSession(async ({ api, out }, filter: { function?: string }) => {
        const { deleted } = await api.ask<{ deleted: number }>('DELETE', 'result-cache', { query: { ...filter } });
        if (out.isJson) out.json({ deleted });
        else out.line(`${deleted} forgotten`);
      }),
    );
}
