import type { Command } from 'commander';
import { route } from '../api.js';
import { type Session, withSession } from '../session.js';

interface Place {
  readonly topic: string;
  readonly lag: number;
  readonly waiting: number;
  readonly running: number;
  readonly resetTo?: unknown;
  readonly partitions: readonly { partition: number; offset?: string; end: string; lag: number }[];
}

/** Where topic triggers are in their topics. */
export function addPlaces(triggers: Command): void {
  triggers
    .command('place <name>')
    .description('how far a topic trigger has read, and how far it lags behind')
    .action(withSession(place));
  triggers
    .command('reset <name> <to>')
    .description('lets a topic trigger read on from "latest", "earliest", a time, or PARTITION=OFFSET,…')
    .action(
      withSession(async ({ api, out }, name: string, to: string) => {
        const answer = await api.ask<Place>('POST', `${route`triggers/${name}`}/reset`, { body: { to: placeOf(to) } });
        if (out.isJson) out.json(answer);
        else out.line(`${name} reads on from ${to} within seconds`);
      }),
    );
}

async function place({ api, out }: Session, name: string): Promise<void> {
  const found = await api.get<Place>(`${route`triggers/${name}`}/place`);
  if (out.isJson) return out.json(found);
  out.table(found.partitions, {
    PARTITION: ({ partition }) => String(partition),
    OFFSET: ({ offset }) => offset ?? '-',
    END: ({ end }) => end,
    LAG: ({ lag }) => String(lag),
  });
  out.line(`lag ${found.lag}, waiting ${found.waiting}, running ${found.running}`);
  if (found.resetTo !== undefined) out.line(`to be reset to ${JSON.stringify(found.resetTo)}`);
}

/** `0=12,1=40` are offsets of partitions; anything else is an end or a time, which the API checks. */
function placeOf(given: string): unknown {
  if (!/^\d+=\d+(,\d+=\d+)*$/.test(given)) return given;
  return given.split(',').map((part) => {
    const [partition = '', offset = ''] = part.split('=');
    return { partition: Number(partition), offset };
  });
}
