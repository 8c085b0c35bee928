import type { ExecutorRecord } from '@app/engine';
import type { Resources } from '@app/worker-api';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Measured, measuredGauge } from './measured-gauge.js';
import { MetricsService } from './metrics.service.js';
import { SeenExecutors } from './seen-executors.js';

const BY_RESOURCE = ['executor', 'resource'] as const;
const BY_GPU = ['executor', 'gpu', 'model'] as const;
const MB = 1024 * 1024;

/** What executors have and what of it is free, read when it is asked for. What one does not have is not there. */
@Injectable()
export class ExecutorGauges implements OnModuleInit {
  constructor(
    private readonly executors: SeenExecutors,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.resources('spool_executor_capacity', 'What an executor has', ({ capacity }) => capacity);
    this.resources('spool_executor_free', 'What of it no task holds', ({ free }) => free ?? undefined);
    this.gpus('spool_executor_gpu_memory_bytes', 'Memory of each GPU', ({ capacity }, index) =>
      memoryOf(capacity, index),
    );
    const used = 'Memory of each GPU that tasks hold; all of it, where one has the GPU alone';
    this.gpus('spool_executor_gpu_memory_used_bytes', used, ({ capacity, free }, index) => {
      const left = free && memoryOf(free, index);
      return left === undefined || left === null ? undefined : (memoryOf(capacity, index) ?? 0) - left;
    });
    this.states();
    this.runningTasks();
  }

  private resources(name: string, help: string, pick: (executor: ExecutorRecord) => Resources | undefined): void {
    measuredGauge(this.metrics.registry, { name, help, labelNames: BY_RESOURCE }, () =>
      this.all((executor) =>
        Object.entries(countable(pick(executor))).map(([resource, value]) => ({
          value,
          labels: { executor: executor.name, resource },
        })),
      ),
    );
  }

  private gpus(name: string, help: string, worth: (one: ExecutorRecord, index: number) => number | undefined): void {
    measuredGauge(this.metrics.registry, { name, help, labelNames: BY_GPU }, () =>
      this.all((executor) =>
        (executor.abilities.gpus ?? []).flatMap(({ uuid: gpu, model }, index) => {
          const value = worth(executor, index);
          return value === undefined ? [] : [{ value, labels: { executor: executor.name, gpu, model } }];
        }),
      ),
    );
  }

  private states(): void {
    const labelNames = ['executor'] as const;
    const help = '1 while it was asked to stop: it takes no more tasks';
    measuredGauge(this.metrics.registry, { name: 'spool_executor_draining', help, labelNames }, () =>
      this.all(({ name: executor, drainingAt }) => [{ value: drainingAt ? 1 : 0, labels: { executor } }]),
    );
  }

  private runningTasks(): void {
    const labelNames = ['executor'] as const;
    measuredGauge(
      this.metrics.registry,
      { name: 'spool_executor_running_tasks', help: 'Tasks that it holds', labelNames },
      () => this.all(({ name: executor, running }) => [{ value: running, labels: { executor } }]),
    );
  }

  /** Of several with the same name, such as one that was started again, the last one that registered. */
  private async all<L extends string>(of: (one: ExecutorRecord) => Measured<L>[]): Promise<Measured<L>[]> {
    const byName = new Map<string, ExecutorRecord>();
    for (const executor of await this.executors.list()) {
      const other = byName.get(executor.name);
      if (!other || other.registeredAt <= executor.registeredAt) byName.set(executor.name, executor);
    }
    return [...byName.values()].flatMap(of);
  }
}

/** GPUs are counted: those that there are, and those of which nobody has a part. */
function countable(resources: Resources | undefined): Record<string, number> {
  if (!resources) return {};
  const { slots, memoryMb, vcpu, gpus, encoderSessions, diskMb } = resources;
  return {
    slots,
    memoryMb,
    vcpu,
    ...(gpus && {
      gpus: gpus.filter(({ isWhole }) => isWhole).length,
      gpuMemoryMb: gpus.reduce((sum, { memoryMb: free }) => sum + free, 0),
    }),
    ...(encoderSessions !== undefined && { encoderSessions }),
    ...(diskMb !== undefined && { diskMb }),
  };
}

const memoryOf = ({ gpus }: Resources, index: number): number | undefined => {
  const gpu = gpus?.[index];
  return gpu && gpu.memoryMb * MB;
};
