import { type ExecutorRecord, ExecutorsService } from '@app/engine';
import type { Instance } from '@app/worker-api';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { MetricsService } from './metrics.service.js';

/** Silent for longer: it is gone, and its room with it. */
const SEEN_MS = 60_000;
const BY_FUNCTION = ['namespace', 'function', 'state'] as const;
const RESOURCES = ['slots', 'memoryMb', 'vcpu'] as const;

/** What executors have and their instances use, read when it is asked for. */
@Injectable()
export class InstanceGauges implements OnModuleInit {
  constructor(
    private readonly executors: ExecutorsService,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.ofInstances('spool_instances', 'Processes of functions, by function and state', () => 1);
    const memory = 'Memory that the processes of functions use now, where it is measured';
    this.ofInstances('spool_instance_memory_bytes', memory, ({ memoryBytes = 0 }) => memoryBytes);
    this.ofExecutors('spool_executor_capacity', 'What an executor has', ({ capacity }) => capacity);
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

  private async seen(): Promise<ExecutorRecord[]> {
    return (await this.executors.list()).filter(({ seenAt }) => Date.now() - seenAt.getTime() < SEEN_MS);
  }
}
