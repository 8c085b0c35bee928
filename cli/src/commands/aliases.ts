import type { Command } from 'commander';
import { route } from '../api.js';
import { UsageError } from '../connection.js';
import { ago } from '../output.js';
import { withSession } from '../session.js';

interface Route {
  readonly version: number;
  readonly weight: number;
}
interface Alias {
  readonly name: string;
  readonly routes: readonly Route[];
  readonly updatedAt: string;
}

const WHOLE = 100;

export function addAliases(workflows: Command): void {
  workflows
    .command('aliases <workflow>')
    .description('names that choose a version')
    .action(
      withSession(async ({ api, out }, workflow: string) => {
        const { items } = await api.get<{ items: Alias[] }>(route`workflows/${workflow}/aliases`);
        out.table(items, {
          NAME: ({ name }) => name,
          ROUTES: ({ routes }) => routes.map(({ version, weight }) => `${version}=${weight}`).join(' '),
          UPDATED: ({ updatedAt }) => ago(updatedAt),
        });
      }),
    );
  workflows
    .command('alias <workflow> <alias> <routes...>')
    .description('point an alias at a version (3), or at two by percent (3=90 4=10)')
    .action(
      withSession(async ({ api, out }, workflow: string, alias: string, given: string[]) => {
        const body = { routes: given.map(readRoute) };
        const set = await api.ask<Alias>('PUT', route`workflows/${workflow}/aliases/${alias}`, { body });
        if (out.isJson) out.json(set);
        else out.line(`${workflow}:${set.name}`);
      }),
    );
}

function readRoute(given: string): Route {
  const [, version, weight = WHOLE] = /^(\d+)(?:=(\d+))?$/.exec(given) ?? [];
  if (version === undefined) throw new UsageError(`${given} is not a route: it must be VERSION or VERSION=PERCENT`);
  return { version: Number(version), weight: Number(weight) };
}
