import type { Command } from 'commander';
import { lasting, megabytes } from '../output.js';
import { withSession } from '../session.js';

interface Instance {
  readonly id: string;
  readonly function: string;
  readonly version: number;
  readonly executor: string;
  readonly state: string;
  readonly ageMs: number;
  readonly requests: number;
  readonly memoryMb: number;
  readonly memoryBytes?: number;
  readonly cpuMs?: number;
  readonly lastError?: string;
}
interface Filter {
  readonly function?: string;
  readonly state?: string;
  readonly executor?: string;
  readonly watch?: boolean;
}

export function addInstances(program: Command): void {
  program
    .command('instances')
    .description('the processes that serve functions, warm ones included')
    .option('-f, --function <name>')
    .option('-s, --state <state>', 'starting, busy or idle')
    .option('-e, --executor <name>', 'its name or id')
    .option('-w, --watch', 'follow them: one JSON object for each change')
    .action(
      withSession(async ({ api, out }, { watch, ...filter }: Filter) => {
        if (watch) {
          for await (const { event, data } of api.follow('instances/events'))
            out.line(JSON.stringify({ event, data: JSON.parse(data) }));
          return;
        }
        const { items } = await api.get<{ items: Instance[] }>('instances', filter);
        out.table(items, {
          FUNCTION: ({ function: name, version }) => `${name}:${version}`,
          STATE: ({ state }) => state,
          EXECUTOR: ({ executor }) => executor,
          AGE: ({ ageMs }) => lasting(ageMs),
          REQUESTS: ({ requests }) => requests,
          MEMORY: ({ memoryBytes, memoryMb }) => `${megabytes(memoryBytes) ?? '–'} of ${memoryMb} MB`,
          CPU: ({ cpuMs }) => (cpuMs === undefined ? undefined : lasting(cpuMs)),
          'LAST ERROR': ({ lastError }) => lastError,
        });
      }),
    );
}
