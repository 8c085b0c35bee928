import type { Command } from 'commander';
import { route } from '../api.js';
import { count, readJson } from '../given.js';
import { ago, took } from '../output.js';
import { type Session, withSession } from '../session.js';
import { watch } from '../watch.js';

interface Execution {
  readonly id: string;
  readonly name: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly trigger?: string;
}
interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly at: string;
  readonly details: Record<string, unknown>;
}
interface Filter {
  readonly workflow?: string | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
}

export function addExecutions(program: Command): void {
  const executions = program.command('executions').alias('x').description('runs of workflows');
  addList(executions);
  executions
    .command('show <id>')
    .description('one execution, with its input and its output')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.get(route`executions/${id}`))));
  executions
    .command('value <id>')
    .description('its input or output alone, or one detail of its history, however large')
    .option('--event <id>', 'of this event of the history')
    .option('--of <name>', 'input, output, or the name of the detail', 'output')
    .action(
      withSession(async ({ api, out }, id: string, { event, of }: { event?: string; of: string }) => {
        const path = event === undefined ? route`executions/${id}/${of}` : route`executions/${id}/history/${event}/${of}`;
        out.json(await api.get(path));
      }),
    );
  executions
    .command('watch <id>')
    .description('follow it until it ends; the exit code is 0 if it succeeds')
    .action(withSession((session, id: string) => watch(session, id)));
  addHistory(executions);
  addAgain(executions);
  executions
    .command('stop <id>')
    .description('end it, with everything that runs for it')
    .option('--error <name>', 'what it is ended with')
    .option('--cause <text>', 'why')
    .action(
      withSession(async ({ api, out }, id: string, { error, cause }: { error?: string; cause?: string }) =>
        out.json(await api.ask('POST', route`executions/${id}/stop`, { body: { error, cause } })),
      ),
    );
}

function addList(executions: Command): void {
  executions
    .command('list')
    .description('the newest first')
    .option('-w, --workflow <name>', 'only of this workflow')
    .option('-s, --status <status>', 'RUNNING, SUCCEEDED, FAILED, ABORTED or TIMED_OUT')
    .option('-n, --limit <count>', 'how many', count, 20)
    .action(
      withSession((session, { workflow, status, limit }: Filter) =>
        listExecutions(session, { workflow, status: status?.toUpperCase(), limit }),
      ),
    );
}

export async function listExecutions({ api, out }: Session, filter: Filter & { mapRun?: string }): Promise<void> {
  out.table(await api.list<Execution>('executions', { ...filter }), {
    ID: ({ id }) => id,
    WORKFLOW: ({ workflow: name, version }) => `${name}:${version}`,
    STATUS: (execution) => execution.status,
    STARTED: ({ startedAt }) => ago(startedAt),
    TOOK: ({ startedAt, endedAt }) => took(startedAt, endedAt),
    BY: ({ trigger, name }) => trigger ?? name,
  });
}

interface HistoryOptions {
  readonly limit: number;
  readonly reverse?: boolean;
  readonly data: boolean;
}

function addHistory(executions: Command): void {
  executions
    .command('history <id>')
    .description('what happened, step by step')
    .option('-n, --limit <count>', 'how many', count, 1_000)
    .option('--reverse', 'the newest first')
    .option('--no-data', 'without inputs, outputs and variables')
    .action(
      withSession(async ({ api, out }, id: string, { limit, reverse = false, data }: HistoryOptions) => {
        const query = { limit, reverseOrder: String(reverse), includeExecutionData: String(data) };
        const { items } = await api.get<{ items: HistoryEvent[] }>(route`executions/${id}/history`, query);
        out.table(items, {
          ID: (event) => event.id,
          AFTER: ({ previousEventId }) => previousEventId,
          AT: ({ at }) => at,
          TYPE: ({ type }) => type,
          DETAILS: ({ details }) => details,
        });
      }),
    );
}

interface RerunOptions {
  readonly from: string;
  readonly input?: string;
  readonly variables?: string;
  readonly name?: string;
  readonly watch?: boolean;
}

function addAgain(executions: Command): void {
  executions
    .command('redrive <id>')
    .description('let one that did not succeed go on from where it failed')
    .option('-w, --watch', 'follow it until it ends')
    .action(
      withSession(async (session, id: string, { watch: follow }: { watch?: boolean }) => {
        const execution = await session.api.ask('POST', route`executions/${id}/redrive`);
        if (follow) await watch(session, id);
        else session.out.json(execution);
      }),
    );
  executions
    .command('rerun <id>')
    .description('start a new one that begins at a state of this one')
    .requiredOption('--from <state>', 'the state')
    .option('-i, --input <json>', 'JSON, @FILE, or - for the standard input; what the state had, by default')
    .option('--variables <json>', 'as the input')
    .option('--name <name>', 'makes the start safe to repeat')
    .option('-w, --watch', 'follow it until it ends')
    .action(
      withSession(async (session, id: string, { from, name, input, variables, watch: follow }: RerunOptions) => {
        const { api, out } = session;
        const given = {
          ...(input !== undefined && { input: await readJson(input, '--input') }),
          ...(variables !== undefined && { variables: await readJson(variables, '--variables') }),
        };
        const body = { from, name, ...given };
        const execution = await api.ask<{ id: string }>('POST', route`executions/${id}/rerun`, { body });
        if (follow) await watch(session, execution.id);
        else out.json(execution);
      }),
    );
}
