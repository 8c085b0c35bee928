import type { Command } from 'commander';
import { route } from '../api.js';
import { UsageError } from '../connection.js';
import { count } from '../given.js';
import { ago } from '../output.js';
import { type Session, withSession } from '../session.js';

interface Event {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly receivedAt: string;
  readonly started: readonly { readonly trigger: string }[];
}
interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  readonly error: string;
  readonly cause: string;
  readonly createdAt: string;
}

export function addEvents(program: Command): void {
  const events = program.command('events').description('what happened, and what it started');
  events
    .command('list')
    .description('the newest first')
    .option('-n, --limit <count>', 'how many', count, 20)
    .option('--source <source>', 'only of this source, such as /objects/uploads')
    .option('--type <type>', 'only of this type')
    .action(
      withSession(async ({ api, out }, filter: { limit: number; source?: string; type?: string }) => {
        out.table(await api.list<Event>('events', { ...filter }), {
          SOURCE: ({ source }) => source,
          ID: ({ id }) => id,
          TYPE: ({ type }) => type,
          STARTED: ({ started }) => started.map(({ trigger }) => trigger).join(',') || undefined,
          RECEIVED: ({ receivedAt }) => ago(receivedAt),
        });
      }),
    );
  addDeadLetters(program);
}

function addDeadLetters(program: Command): void {
  const letters = program.command('dead-letters').alias('d').description('what could not be handled, and why');
  letters
    .command('list')
    .option('-n, --limit <count>', 'how many', count, 20)
    .option('--trigger <name>', 'only those of this trigger')
    .action(
      withSession(async ({ api, out }, filter: { limit: number; trigger?: string }) => {
        out.table(await api.list<DeadLetter>('dead-letters', { ...filter }), {
          ID: ({ id }) => id,
          KIND: ({ kind }) => kind,
          ERROR: ({ error }) => error,
          CAUSE: ({ cause }) => cause,
          CREATED: ({ createdAt }) => ago(createdAt),
        });
      }),
    );
  letters
    .command('show <id>')
    .description('whole, with its payload')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.get(route`dead-letters/${id}`))));
  letters
    .command('redrive [id]')
    .description('try it again; or, with --trigger, all of a trigger')
    .option('--trigger <name>', 'those of this trigger that were not tried again yet, the oldest first')
    .option('-n, --limit <count>', 'with --trigger: how many at most (1,000)', count)
    .action(withSession(redrive));
  letters
    .command('delete <id>')
    .action(withSession(async ({ api }, id: string) => api.ask('DELETE', route`dead-letters/${id}`)));
}

/** What one request gives to a trigger at most. */
const REDRIVEN_AT_ONCE = 100;

async function redrive(
  { api, out }: Session,
  id: string | undefined,
  { trigger, limit = 1_000 }: { trigger?: string; limit?: number },
): Promise<void> {
  if ((id === undefined) === (trigger === undefined)) throw new UsageError('Give either the id of a dead letter, or --trigger');
  if (id !== undefined) return out.json(await api.ask('POST', route`dead-letters/${id}/redrive`));
  let redriven = 0;
  for (let more = true; more && redriven < limit; ) {
    const wanted = Math.min(REDRIVEN_AT_ONCE, limit - redriven);
    const body = { trigger, limit: wanted };
    const { redriven: now } = await api.ask<{ redriven: number }>('POST', 'dead-letters/redrive', { body });
    redriven += now;
    more = now === wanted;
  }
  out.json({ redriven });
}
