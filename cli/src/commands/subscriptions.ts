import type { Command } from 'commander';
import { Refused, route } from '../api.js';
import { readJsonFile } from '../given.js';
import { type Session, withSession } from '../session.js';

interface Subscription {
  readonly name: string;
  readonly enabled: boolean;
  readonly workflows?: readonly string[];
  readonly functions?: readonly string[];
  readonly types?: readonly string[];
  readonly destination: { readonly topic?: string; readonly url?: string };
}

export function addSubscriptions(program: Command): void {
  const subscriptions = program.command('subscriptions').description('who is told when executions and invocations begin and end');
  subscriptions.command('list').action(
    withSession(async ({ api, out }) => {
      const { items } = await api.get<{ items: Subscription[] }>('subscriptions');
      out.table(items, {
        NAME: ({ name }) => name,
        ON: ({ enabled }) => (enabled ? 'yes' : 'no'),
        OF: ({ workflows, functions }) => [...(workflows ?? []), ...(functions ?? [])].join(', ') || 'all',
        TELLS: ({ types }) => types?.map((type) => type.replace('spool.', '')).join(', ') ?? 'all',
        TO: ({ destination: { topic, url } }) => (topic ? `topic ${topic}` : url),
      });
    }),
  );
  subscriptions
    .command('show <name>')
    .action(withSession(async ({ api, out }, name: string) => out.json(await api.get(route`subscriptions/${name}`))));
  subscriptions
    .command('deploy <file>')
    .description('make it, or change it if there is one of this name')
    .action(withSession(deploy));
  subscriptions
    .command('delete <name>')
    .action(withSession(async ({ api }, name: string) => api.ask('DELETE', route`subscriptions/${name}`)));
}

async function deploy({ api, out }: Session, file: string): Promise<void> {
  const given = (await readJsonFile(file)) as { name?: string };
  const { name, ...change } = given;
  const deployed = await api.ask<Subscription>('POST', 'subscriptions', { body: given }).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.problem.code !== 'subscription_name_taken') throw error;
    return api.ask<Subscription>('PUT', route`subscriptions/${name ?? ''}`, { body: change });
  });
  if (out.isJson) out.json(deployed);
  else out.line(deployed.name);
}
