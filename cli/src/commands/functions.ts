import type { Command } from 'commander';
import { route } from '../api.js';
import { readJson } from '../given.js';
import { ago } from '../output.js';
import { readFunction } from '../read-function.js';
import { withSession } from '../session.js';

interface DeployedFunction {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly runtime: string;
  readonly labels?: readonly string[];
  readonly createdAt: string;
}
interface Result {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}
interface InvokeOptions {
  readonly cache: boolean;
  readonly event: string;
  readonly qualifier?: string;
  readonly async?: boolean;
  readonly dedupKey?: string;
  readonly clientContext?: string;
}

export function addFunctions(program: Command): void {
  const functions = program.command('functions').alias('f').description('code that gets an event');
  functions.command('list').action(
    withSession(async ({ api, out }) => {
      const { items } = await api.get<{ items: DeployedFunction[] }>('functions');
      out.table(items, {
        NAME: ({ name }) => name,
        VERSION: ({ version }) => version,
        RUNTIME: ({ runtime }) => runtime,
        LABELS: ({ labels }) => labels?.join(',') || undefined,
        OF: ({ namespace }) => namespace,
        DEPLOYED: ({ createdAt }) => ago(createdAt),
      });
    }),
  );
  functions
    .command('show <name>')
    .action(withSession(async ({ api, out }, name: string) => out.json(await api.get(route`functions/${name}`))));
  functions
    .command('deploy <folder>')
    .description('a folder with a function.json and the code, or such a file alone')
    .action(
      withSession(async ({ api, out }, folder: string) => {
        const deployed = await api.ask<DeployedFunction>('POST', 'functions', { body: await readFunction(folder) });
        if (out.isJson) out.json(deployed);
        else out.line(`${deployed.name}:${deployed.version}`);
      }),
    );
  addInvoke(functions);
  addEventConfig(functions);
  functions
    .command('delete <name>')
    .action(withSession(async ({ api }, name: string) => api.ask('DELETE', route`functions/${name}`)));
}

function addInvoke(functions: Command): void {
  functions
    .command('invoke <name>')
    .description('run it once; the exit code is 0 if it succeeds')
    .option('-e, --event <json>', 'JSON, @FILE, or - for the standard input', '{}')
    .option('-q, --qualifier <version>', 'the latest by default')
    .option('--async', 'do not wait for the result')
    .option('--dedup-key <key>', 'with --async: a second one with this key is the first')
    .option('--client-context <json>', 'a JSON object for the context of the function; @FILE, or - as for --event')
    .option('--no-cache', 'run it, also where its result is known')
    .action(
      withSession(async ({ api, out }, name: string, options: InvokeOptions) => {
        const { event, qualifier, async: later, cache, dedupKey, clientContext } = options;
        const query = { qualifier, mode: later ? 'async' : 'sync', cache: cache ? undefined : 'off', dedupKey };
        const body = await readJson(event, '--event');
        const headers = clientContext === undefined ? {} : await contextHeader(clientContext);
        const result = await api.ask<Result>('POST', route`functions/${name}/invocations`, { query, body, headers });
        const { id, status, output, error, cause } = result;
        if (!later && status !== 'SUCCEEDED') process.exitCode = 1;
        if (out.isJson) return out.json(result);
        if (status === 'SUCCEEDED') return out.json(output);
        out.line(error ? `${status}  ${error}: ${cause ?? ''}` : `${status}  ${id}`);
      }),
    );
}

async function contextHeader(given: string): Promise<Record<string, string>> {
  const json = JSON.stringify(await readJson(given, '--client-context'));
  return { 'x-amz-client-context': Buffer.from(json).toString('base64') };
}

interface EventConfigOptions {
  readonly set?: string;
  readonly reset?: boolean;
}

function addEventConfig(functions: Command): void {
  functions
    .command('event-config <name>')
    .description('how asynchronous invocations are retried, and who is told how they end')
    .option('-s, --set <json>', 'JSON, @FILE, or - for the standard input; what is left out gets its default')
    .option('--reset', 'back to the defaults')
    .action(
      withSession(async ({ api, out }, name: string, { set, reset }: EventConfigOptions) => {
        const path = route`functions/${name}/event-invoke-config`;
        if (reset) await api.ask('DELETE', path);
        if (set !== undefined) await api.ask('PUT', path, { body: await readJson(set, '--set') });
        out.json(await api.get(path));
      }),
    );
}
