import type { Command } from 'commander';
import { readJsonFile } from '../given.js';
import { type Session, withSession } from '../session.js';
import { Refused, route } from '../api.js';
import { addPlaces } from './places.js';

interface Trigger {
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly source: unknown;
  readonly warnings?: readonly { readonly message: string }[];
  readonly target: { readonly workflow?: string; readonly function?: string };
}

export function addTriggers(program: Command): void {
  const triggers = program.command('triggers').alias('t').description('what starts a workflow or a function');
  triggers.command('list').action(
    withSession(async ({ api, out }) => {
      const { items } = await api.get<{ items: Trigger[] }>('triggers');
      out.table(items, {
        NAME: ({ name }) => name,
        KIND: ({ kind }) => kind,
        ON: ({ enabled }) => (enabled ? 'yes' : 'no'),
        SOURCE: ({ source }) => source,
        STARTS: ({ target }) => target.workflow ?? target.function,
      });
    }),
  );
  triggers
    .command('show <name>')
    .action(withSession(async ({ api, out }, name: string) => out.json(await api.get(route`triggers/${name}`))));
  triggers
    .command('deploy <file>')
    .description('make it, or change it if there is one of this name')
    .action(withSession(deploy));
  for (const act of ['pause', 'resume']) {
    triggers
      .command(`${act} <name>`)
      .action(
        withSession(async ({ api }, name: string) => api.ask('POST', `${route`triggers/${name}`}/${act}`)),
      );
  }
  addPlaces(triggers);
  triggers
    .command('explain <name> <file>')
    .description('whether a CloudEvent in a file, or -, matches it, rule by rule')
    .action(
      withSession(async ({ api, out }, name: string, file: string) =>
        out.json(await api.ask('POST', route`triggers/${name}/explain`, { body: { event: await readJsonFile(file) } })),
      ),
    );
  triggers
    .command('test <trigger> <event>')
    .description('what a trigger in a file would make of a CloudEvent in another, or -; nothing is made')
    .action(
      withSession(async ({ api, out }, trigger: string, event: string) => {
        const body = { trigger: await readJsonFile(trigger), event: await readJsonFile(event) };
        out.json(await api.ask('POST', 'triggers/test', { body }));
      }),
    );
  triggers
    .command('delete <name>')
    .action(withSession(async ({ api }, name: string) => api.ask('DELETE', route`triggers/${name}`)));
}

async function deploy({ api, out }: Session, file: string): Promise<void> {
  const given = (await readJsonFile(file)) as { name?: string };
  const { name, ...change } = given;
  const deployed = await api.ask<Trigger>('POST', 'triggers', { body: given }).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.problem.code !== 'trigger_name_taken') throw error;
    return api.ask<Trigger>('PUT', route`triggers/${name ?? ''}`, { body: change });
  });
  if (out.isJson) return out.json(deployed);
  for (const { message } of deployed.warnings ?? []) process.stderr.write(`Warning: ${message}\n`);
  out.line(deployed.name);
}
