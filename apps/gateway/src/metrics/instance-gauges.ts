import { type ExecutorRecord, ExecutorsService } from '@app/engine';
import type { Instance } from '@app/worker-api';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { MetricsService } from './metrics.service.js';

/** Silent for longer: it is gone, and its room with it. */
const SEEN_MS = 60_000;
const LOOK_MS = 50;
const BY_FUNCTION = ['namespace', 'function', 'state'] as const;
const BY_INSTANCE = ['namespace', 'function', 'version', 'executor', 'instance'] as const;
/** Of each process; a series ends with it. */
const OF_EACH: readonly (readonly [string, string, (one: Instance) => number | undefined])[] = [
  ['age_seconds', 'Since it was started', ({ ageMs }) => ageMs / 1_000],
  ['requests', 'Tasks and calls that it was given', ({ requests }) => requests],
  ['busy', '1 while it serves something', ({ state }) => (state === 'busy' ? 1 : 0)],
  ['cpu_seconds', 'Processor time since its start, where it is measured', ({ cpuMs }) => cpuMs && cpuMs / 1_000],
  ['used_bytes', 'Memory that it uses now, where it is measured', ({ memoryBytes }) => memoryBytes],
  ['read_bytes', 'Read from disks since its start, where it is measured', ({ readBytes }) => readBytes],
  ['written_bytes', 'Written to disks since its start, where it is measured', ({ writtenBytes }) => writtenBytes],
];
const RESOURCES = ['slots', 'memoryMb', 'vcpu'] as const;

/** What executors have and their instances use, read when it is asked for. */
@Injectable()
export class InstanceGauges implements OnModuleInit {
  private look: { readonly at: number; readonly found: Promise<ExecutorRecord[]> } | undefined;

  constructor(
    private readonly executors: ExecutorsService,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.ofInstances('spool_instances', 'Processes of functions, by function and state', () => 1);
    const memory = 'Memory that the processes of functions use now, where it is measured';
    this.ofInstances('spool_instance_memory_bytes', memory, ({ memoryBytes = 0 }) => memoryBytes);
    for (const [name, help, worth] of OF_EACH) this.ofEach(`spool_instance_${name}`, help, worth);
    this.ofExecutors('spool_executor_capacity', 'What an executor has', ({ capacity }) => capacity);
    this.runningTasks();
    this.ofExecutors('spool_executor_free', 'What of it no task holds', ({ free }) => free ?? undefined);
  }

  private ofInstances(name: string, help: string, worth: (instance: Instance) => number): Gauge {
    const seen = () => this.seen();
    return new Gauge({
      name,
      help,
      labelNames: BY_FUNCTION,
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const { instances } of await seen()) {
          for (const one of instances)
            this.inc({ namespace: one.namespace, function: one.function, state: one.state }, worth(one));
        }
      },
    });
  }

  private ofEach(name: string, help: string, worth: (instance: Instance) => number | undefined): Gauge {
    const seen = () => this.seen();
    return new Gauge({
      name,
      help,
      labelNames: BY_INSTANCE,
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const { name: executor, instances } of await seen()) {
          for (const one of instances) {
            const { id: instance, namespace, function: called, version } = one;
            const value = worth(one);
            if (value !== undefined) this.set({ namespace, function: called, version, executor, instance }, value);
          }
        }
      },
    });
  }

  private ofExecutors(
    name: string,
    help: string,
    pick: (executor: ExecutorRecord) => ExecutorRecord['capacity'] | undefined,
  ): Gauge {
    const seen = () => this.seen();
    return new Gauge({
      name,
      help,
      labelNames: ['executor', 'resource'],
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const executor of await seen()) {
          const has = pick(executor);
          for (const resource of RESOURCES) if (has) this.set({ executor: executor.name, resource }, has[resource]);
        }
      },
    });
  }

  private runningTasks(): Gauge {
    const seen = () => this.seen();
    return new Gauge({
      name: 'spool_executor_running_tasks',
      help: 'Tasks that it holds',
      labelNames: ['executor'],
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const { name: executor, running } of await seen()) this.set({ executor }, running);
      },
    });
  }

  /** One look serves all gauges of a scrape. */
  private seen(): Promise<ExecutorRecord[]> {
    const now = performance.now();
    if (!this.look || now - this.look.at > LOOK_MS) this.look = { at: now, found: this.lookNow() };
    return this.look.found;
  }

  private async lookNow(): Promise<ExecutorRecord[]> {
    return (await this.executors.list()).filter(({ seenAt }) => Date.now() - seenAt.getTime() < SEEN_MS);
  }
}
