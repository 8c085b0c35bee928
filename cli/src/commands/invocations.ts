import type { Command } from 'commander';
import { route } from '../api.js';
import { count } from '../given.js';
import { ago, took } from '../output.js';
import { type Session, withSession } from '../session.js';

interface Invocation {
  readonly id: string;
  readonly function: string;
  readonly version?: number;
  readonly status: string;
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly cachedFrom?: { readonly invocation: string };
  readonly waiting?: {
    readonly since: string;
    readonly ahead: number;
    readonly reasons: readonly { readonly message: string }[];
  };
}
interface Line {
  readonly id: string;
  readonly at: string;
  readonly stream: string;
  readonly line: string;
}
interface Filter {
  readonly execution?: string;
  readonly function?: string;
  readonly status?: string;
  readonly limit: number;
}

const PAGE = 1_000;
const POLL_MS = 500;
const isOver = ({ status }: Invocation): boolean => !['QUEUED', 'RUNNING', 'PUBLISHING'].includes(status);

export function addInvocations(program: Command): void {
  const invocations = program.command('invocations').alias('i').description('runs of functions');
  invocations
    .command('list')
    .option('-x, --execution <id>', 'only of this execution')
    .option('-f, --function <name>', 'only of this function')
    .option('-s, --status <status>', 'for example RUNNING or FAILED')
    .option('-n, --limit <count>', 'how many', count, 20)
    .action(
      withSession(async ({ api, out }, { status, limit, ...filter }: Filter) => {
        const query = { ...filter, status: status?.toUpperCase(), limit };
        out.table(await api.list<Invocation>('invocations', query), {
          ID: ({ id }) => id,
          FUNCTION: (invocation) => `${invocation.function}:${invocation.version ?? '–'}`,
          STATUS: (invocation) => invocation.status,
          ATTEMPT: ({ attempt }) => attempt,
          CREATED: ({ createdAt }) => ago(createdAt),
          TOOK: ({ startedAt, endedAt, cachedFrom }) => (cachedFrom ? 'from cache' : took(startedAt, endedAt)),
        });
      }),
    );
  invocations
    .command('show <id>')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.get(route`invocations/${id}`))));
  invocations
    .command('explain <id>')
    .description('why it has not started')
    .action(withSession(explain));
  invocations
    .command('logs <id>')
    .description('what it printed')
    .option('-f, --follow', 'go on until it has ended')
    .action(withSession((session, id: string, { follow = false }: { follow?: boolean }) => logs(session, id, follow)));
  invocations
    .command('cancel <id>')
    .description('end it, with everything that it started')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.ask('POST', route`invocations/${id}/cancel`))));
}

async function explain({ api, out }: Session, id: string): Promise<void> {
  const invocation = await api.get<Invocation>(route`invocations/${id}`);
  const { waiting, status } = invocation;
  if (out.isJson) return out.json(waiting ?? null);
  if (!waiting) return out.line(`It does not wait: it is ${status}`);
  out.line(`It waits since ${waiting.since}, with ${waiting.ahead} of its function before it:`);
  for (const { message } of waiting.reasons) out.line(`- ${message}`);
}

async function logs({ api, out }: Session, id: string, follow: boolean): Promise<void> {
  for (let after = '0'; ; ) {
    // Asked before the lines, so that none is missed that was printed last.
    const over = !follow || isOver(await api.get<Invocation>(route`invocations/${id}`));
    const { items } = await api.get<{ items: Line[] }>(route`invocations/${id}/logs`, { after, limit: PAGE });
    for (const line of items) out.line(out.isJson ? JSON.stringify(line) : `${out.styled('dim', line.at)}  ${line.line}`);
    after = items.at(-1)?.id ?? after;
    if (items.length === PAGE) continue;
    if (over) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
