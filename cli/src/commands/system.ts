import type { Command } from 'commander';
import { ago } from '../output.js';
import { withSession } from '../session.js';

interface Executor {
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: { readonly slots: number; readonly memoryMb: number; readonly vcpu: number };
  readonly running: number;
  readonly instanceCounts: { readonly idle: number };
  readonly seenAt: string;
}

export function addSystem(program: Command): void {
  program
    .command('status')
    .description('what answers, and where the rest is')
    .action(withSession(async ({ api, out }) => out.json(await api.get('system'))));
  program
    .command('executors')
    .description('who runs functions, and what they have')
    .action(
      withSession(async ({ api, out }) => {
        const { items } = await api.get<{ items: Executor[] }>('executors');
        out.table(items, {
          NAME: ({ name }) => name,
          LABELS: ({ labels }) => labels.join(','),
          RUNNING: ({ running, capacity }) => `${running} of ${capacity.slots}`,
          WARM: ({ instanceCounts }) => instanceCounts.idle,
          VCPU: ({ capacity }) => capacity.vcpu,
          'MEMORY MB': ({ capacity }) => capacity.memoryMb,
          SEEN: ({ seenAt }) => ago(seenAt),
        });
      }),
    );
}
