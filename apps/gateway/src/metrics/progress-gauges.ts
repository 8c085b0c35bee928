import type { RunningTask } from '@app/engine';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Measured, measuredGauge } from './measured-gauge.js';
import { MetricsService } from './metrics.service.js';
import { SeenExecutors } from './seen-executors.js';

const BY_FUNCTION = ['executor', 'namespace', 'function'] as const;
const BY_TASK = [...BY_FUNCTION, 'task'] as const;
/** Names are the users' own, and so is how many tasks run: beyond so many, the rest is one, or not told. */
const MAX_FUNCTIONS = 500;
const MAX_TASKS = 100;
const OTHERS = '(others)';
/** What is over before it is scraped twice has no progress to follow. */
const LONG_SECONDS = 30;

/** How far the tasks are that executors hold. */
@Injectable()
export class ProgressGauges implements OnModuleInit {
  constructor(
    private readonly executors: SeenExecutors,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.byFunction('spool_running_tasks', 'Tasks that an executor holds, by function', (tasks) => tasks.length);
    const age = 'Since the oldest of them was begun';
    this.byFunction('spool_running_tasks_oldest_seconds', age, (tasks) => Math.max(...tasks.map(ageOf)));
    const least = 'How far the one is that is least far, of those that have told a percentage';
    this.byFunction('spool_running_tasks_least_percent', least, (tasks) => leastOf(tasks.flatMap(percentOf)));
    const labelNames = BY_TASK;
    const help = `How far the ${MAX_TASKS} oldest tasks are that run for ${LONG_SECONDS} seconds and have told it`;
    measuredGauge(this.metrics.registry, { name: 'spool_task_progress_percent', help, labelNames }, async () =>
      (await this.executors.listRunning())
        .filter((task) => ageOf(task) >= LONG_SECONDS)
        .flatMap((task) => percentOf(task).map((value) => ({ value, labels: { ...labelsOf(task), task: task.id } })))
        .slice(0, MAX_TASKS),
    );
  }

  private byFunction(name: string, help: string, worth: (tasks: readonly RunningTask[]) => number | undefined): void {
    measuredGauge(this.metrics.registry, { name, help, labelNames: BY_FUNCTION }, async () =>
      [...grouped(await this.executors.listRunning())].flatMap(
        ([key, tasks]): Measured<(typeof BY_FUNCTION)[number]>[] => {
          const value = worth(tasks);
          return value === undefined ? [] : [{ value, labels: JSON.parse(key) }];
        },
      ),
    );
  }
}

function grouped(tasks: readonly RunningTask[]): Map<string, RunningTask[]> {
  const groups = new Map<string, RunningTask[]>();
  for (const task of tasks) {
    const own = JSON.stringify(labelsOf(task));
    const isKnown = groups.has(own) || groups.size < MAX_FUNCTIONS;
    const key = isKnown ? own : JSON.stringify({ executor: OTHERS, namespace: OTHERS, function: OTHERS });
    const group = groups.get(key);
    if (group) group.push(task);
    else groups.set(key, [task]);
  }
  return groups;
}

const labelsOf = ({ executor, namespace, function: called }: RunningTask) => ({
  executor,
  namespace,
  function: called,
});

const ageOf = ({ startedAt }: RunningTask): number => Math.max(0, (Date.now() - startedAt.getTime()) / 1_000);

const percentOf = ({ progress }: RunningTask): number[] => (progress?.percent === undefined ? [] : [progress.percent]);

const leastOf = (values: readonly number[]): number | undefined =>
  values.length > 0 ? Math.min(...values) : undefined;
