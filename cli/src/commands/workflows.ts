import type { Command } from 'commander';
import { route } from '../api.js';
import { readJson, readJsonFile } from '../given.js';
import { ago } from '../output.js';
import { withSession } from '../session.js';
import { watch } from '../watch.js';
import { addAliases } from './aliases.js';
import { addTestState } from './test-state.js';

interface Workflow {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly createdAt: string;
}
interface Finding {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}
interface StartOptions {
  readonly input: string;
  readonly name?: string;
  readonly version?: string;
  readonly alias?: string;
  readonly watch?: boolean;
}

export function addWorkflows(program: Command): void {
  const workflows = program.command('workflows').alias('w').description('state machines in Amazon States Language');
  workflows
    .command('list')
    .action(
      withSession(async ({ api, out }) => {
        const { items } = await api.get<{ items: Workflow[] }>('workflows');
        out.table(items, {
          NAME: ({ name }) => name,
          VERSION: ({ version }) => version,
          OF: ({ namespace }) => namespace,
          DEPLOYED: ({ createdAt }) => ago(createdAt),
        });
      }),
    );
  workflows
    .command('show <name>')
    .action(withSession(async ({ api, out }, name: string) => out.json(await api.get(route`workflows/${name}`))));
  addDeployment(workflows);
  addAliases(workflows);
  addTestState(workflows);
  workflows
    .command('start <name>')
    .description('start an execution')
    .option('-i, --input <json>', 'JSON, @FILE, or - for the standard input', '{}')
    .option('--name <name>', 'makes the start safe to repeat')
    .option('--version <number>', 'the latest by default')
    .option('--alias <name>', 'chooses the version by its weights')
    .option('-w, --watch', 'follow it until it ends')
    .action(
      withSession(async (session, workflow: string, { input, watch: follow, version, ...rest }: StartOptions) => {
        const { api, out } = session;
        const body = { ...rest, ...(version && { version: Number(version) }), input: await readJson(input, '--input') };
        const execution = await api.ask<{ id: string }>('POST', route`workflows/${workflow}/executions`, { body });
        if (follow) await watch(session, execution.id);
        else if (out.isJson) out.json(execution);
        else out.line(execution.id);
      }),
    );
}

function addDeployment(workflows: Command): void {
  workflows
    .command('deploy <name> <file>')
    .description('a definition from a file, or - for the standard input; a new version if it has changed')
    .action(
      withSession(async ({ api, out }, name: string, file: string) => {
        const body = { name, definition: await readJsonFile(file) };
        const deployed = await api.ask<Workflow & { warnings: Finding[] }>('POST', 'workflows', { body });
        if (out.isJson) return out.json(deployed);
        out.line(`${deployed.name}:${deployed.version}`);
        for (const { pointer, message } of deployed.warnings) out.line(`  ${out.styled('yellow', pointer)}  ${message}`);
      }),
    );
  workflows
    .command('validate <file>')
    .description('every problem of a definition; the exit code is 0 if there is none')
    .action(
      withSession(async ({ api, out }, file: string) => {
        type Verdict = { valid: boolean; problems: Finding[]; warnings: Finding[] };
        const body = { definition: await readJsonFile(file) };
        const verdict = await api.ask<Verdict>('POST', 'workflows/validate', { body });
        if (!verdict.valid) process.exitCode = 1;
        if (out.isJson) return out.json(verdict);
        for (const { pointer, message } of verdict.problems) out.line(`${out.styled('red', pointer || '/')}  ${message}`);
        for (const { pointer, message } of verdict.warnings) out.line(`${out.styled('yellow', pointer)}  ${message}`);
        if (verdict.valid) out.line(out.styled('green', 'valid'));
      }),
    );
  workflows
    .command('delete <name>')
    .action(withSession(async ({ api }, name: string) => api.ask('DELETE', route`workflows/${name}`)));
}
