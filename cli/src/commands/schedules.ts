import type { Command } from 'commander';
import { route } from '../api.js';
import { count } from '../given.js';
import { withSession } from '../session.js';

interface Schedule {
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly source: { readonly cron?: string; readonly timezone?: string };
}
interface Ticks {
  readonly items: readonly string[];
}
interface Options {
  readonly count: number;
  readonly timezone?: string;
}

export function addSchedules(program: Command): void {
  const schedules = program.command('schedules').description('triggers that the clock starts');
  schedules
    .command('list')
    .description('with the time at which each fires next')
    .action(
      withSession(async ({ api, out }) => {
        const { items } = await api.get<{ items: Schedule[] }>('triggers');
        const found = items.filter(({ kind }) => kind === 'schedule');
        const nextOf = async ({ name, enabled }: Schedule): Promise<string | undefined> =>
          enabled ? (await api.get<Ticks>(route`triggers/${name}/ticks`, { count: 1 })).items[0] : undefined;
        const rows = await Promise.all(found.map(async (one) => ({ ...one, next: await nextOf(one) })));
        out.table(rows, {
          NAME: ({ name }) => name,
          ON: ({ enabled }) => (enabled ? 'yes' : 'no'),
          CRON: ({ source }) => source.cron,
          ZONE: ({ source }) => source.timezone,
          NEXT: ({ next }) => next,
        });
      }),
    );
  schedules
    .command('next <name>')
    .description('the next times at which it fires')
    .option('-n, --count <count>', 'how many', count, 10)
    .action(
      withSession(async ({ api, out }, name: string, { count: wanted }: Options) =>
        print(out, await api.get<Ticks>(route`triggers/${name}/ticks`, { count: wanted })),
      ),
    );
  schedules
    .command('preview <expression>')
    .description('when a cron expression, rate(…) or at(…) would fire; nothing is made')
    .option('-n, --count <count>', 'how many', count, 10)
    .option('-t, --timezone <zone>', 'an IANA time zone, such as Europe/Berlin')
    .action(
      withSession(async ({ api, out }, cron: string, { count: wanted, timezone }: Options) => {
        const source = { cron, ...(timezone && { timezone }) };
        print(out, await api.ask<Ticks>('POST', 'schedules/preview', { body: { source, count: wanted } }));
      }),
    );
}

function print(out: { isJson: boolean; json(value: unknown): void; line(text: string): void }, { items }: Ticks): void {
  if (out.isJson) return out.json(items);
  for (const tick of items) out.line(tick);
}
