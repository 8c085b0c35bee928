import type { Command } from 'commander';
import { route } from '../api.js';
import { ago } from '../output.js';
import { withSession } from '../session.js';

interface Executor {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly state: string;
  readonly capacity: { readonly slots: number; readonly memoryMb: number; readonly vcpu: number };
  readonly abilities: { readonly gpus?: readonly { readonly model: string }[] };
  readonly running: number;
  readonly instanceCounts: { readonly idle: number };
  readonly seenAt: string;
}

export function addSystem(program: Command): void {
  program
    .command('status')
    .description('what answers, and where the rest is')
    .action(withSession(async ({ api, out }) => out.json(await api.get('system'))));
  const executors = program.command('executors').description('who runs functions, and what they have');
  executors
    .command('drain <id>')
    .description('ask one to take no more, finish what it has, and go')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.ask('POST', route`executors/${id}/drain`))));
  executors
    .command('show <id>')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.get(route`executors/${id}`))));
  executors
    .command('list', { isDefault: true })
    .action(
      withSession(async ({ api, out }) => {
        const { items } = await api.get<{ items: Executor[] }>('executors');
        out.table(items, {
          ID: ({ id }) => id,
          NAME: ({ name }) => name,
          STATE: ({ state }) => state,
          LABELS: ({ labels }) => labels.join(','),
          RUNNING: ({ running, capacity }) => `${running} of ${capacity.slots}`,
          WARM: ({ instanceCounts }) => instanceCounts.idle,
          VCPU: ({ capacity }) => capacity.vcpu,
          'MEMORY MB': ({ capacity }) => capacity.memoryMb,
          GPUS: ({ abilities }) => gpusOf(abilities),
          SEEN: ({ seenAt }) => ago(seenAt),
        });
      }),
    );
}

const gpusOf = ({ gpus = [] }: Executor['abilities']): string =>
  gpus.length === 0 ? '–' : `${gpus.length} × ${gpus[0]?.model}`;
