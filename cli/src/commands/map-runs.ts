import type { Command } from 'commander';
import { route } from '../api.js';
import { count, whole } from '../given.js';
import { ago, took } from '../output.js';
import { withSession } from '../session.js';
import { listExecutions } from './executions.js';

interface Counts {
  readonly pending?: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly total?: number;
}
interface MapRun {
  readonly id: string;
  readonly stateName: string;
  readonly status: string;
  readonly itemCounts: Counts;
  readonly startedAt: string;
  readonly endedAt?: string;
}
interface ChildrenOptions {
  readonly status?: string;
  readonly limit: number;
}

export function addMapRuns(program: Command): void {
  const mapRuns = program.command('map-runs').description('runs of distributed Map states');
  mapRuns
    .command('list <execution>')
    .description('those of an execution, the newest first')
    .action(
      withSession(async ({ api, out }, execution: string) => {
        const { items } = await api.get<{ items: MapRun[] }>(route`executions/${execution}/map-runs`);
        out.table(items, {
          ID: ({ id }) => id,
          STATE: ({ stateName }) => stateName,
          STATUS: ({ status }) => status,
          ITEMS: ({ itemCounts: { total } }) => total,
          SUCCEEDED: ({ itemCounts: { succeeded } }) => succeeded,
          FAILED: ({ itemCounts: { failed, timedOut, aborted } }) => failed + timedOut + aborted,
          RUNNING: ({ itemCounts: { running } }) => running,
          STARTED: ({ startedAt }) => ago(startedAt),
          TOOK: ({ startedAt, endedAt }) => took(startedAt, endedAt),
        });
      }),
    );
  mapRuns
    .command('show <id>')
    .description('one map run, with counts of its items and executions')
    .action(withSession(async ({ api, out }, id: string) => out.json(await api.get(route`map-runs/${id}`))));
  mapRuns
    .command('update <id>')
    .description('change it while it runs')
    .option('--max-concurrency <count>', 'how many of its executions run at once; 0 is no limit', whole)
    .option('--tolerated-failure-count <count>', 'how many items may fail', whole)
    .option('--tolerated-failure-percentage <number>', 'how many of a hundred may', Number)
    .action(
      withSession(async ({ api, out }, id: string, change: object) =>
        out.json(await api.ask('PATCH', route`map-runs/${id}`, { body: change })),
      ),
    );
  mapRuns
    .command('executions <id>')
    .description('its executions, the last items first')
    .option('-s, --status <status>', 'RUNNING, SUCCEEDED, FAILED, ABORTED or TIMED_OUT')
    .option('-n, --limit <count>', 'how many', count, 20)
    .action(
      withSession((session, mapRun: string, { status, limit }: ChildrenOptions) =>
        listExecutions(session, { mapRun, status: status?.toUpperCase(), limit }),
      ),
    );
}
