import type { ExecutorRecord } from '@app/engine';
import type { Instance } from '@app/worker-api';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { measuredGauge } from './measured-gauge.js';
import { MetricsService } from './metrics.service.js';
import { SeenExecutors } from './seen-executors.js';

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

/** What the processes of functions are and use, read when it is asked for. */
@Injectable()
export class InstanceGauges implements OnModuleInit {
  constructor(
    private readonly executors: SeenExecutors,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.byFunction('spool_instances', 'Processes of functions, by function and state', () => 1);
    const memory = 'Memory that the processes of functions use now, where it is measured';
    this.byFunction('spool_instance_memory_bytes', memory, ({ memoryBytes = 0 }) => memoryBytes);
    for (const [name, help, worth] of OF_EACH) this.ofEach(`spool_instance_${name}`, help, worth);
    this.info();
  }

  private byFunction(name: string, help: string, worth: (instance: Instance) => number): void {
    measuredGauge(this.metrics.registry, { name, help, labelNames: BY_FUNCTION }, () =>
      this.all(({ instance }) => {
        const { namespace, function: called, state } = instance;
        return { value: worth(instance), labels: { namespace, function: called, state } };
      }),
    );
  }

  private ofEach(name: string, help: string, worth: (instance: Instance) => number | undefined): void {
    measuredGauge(this.metrics.registry, { name, help, labelNames: BY_INSTANCE }, () =>
      this.all((one) => {
        const value = worth(one.instance);
        return value === undefined ? undefined : { value, labels: labelsOf(one) };
      }),
    );
  }

  /** What is not a number; one series for each, whatever becomes of it. */
  private info(): void {
    const name = 'spool_instance_info';
    const help = 'Always 1: what each process of a function is, in which state, and the error it told last';
    const labelNames = [...BY_INSTANCE, 'runtime', 'state', 'last_error'] as const;
    measuredGauge(this.metrics.registry, { name, help, labelNames }, () =>
      this.all((one) => {
        const { runtime, state, lastError = '' } = one.instance;
        return { value: 1, labels: { ...labelsOf(one), runtime, state, last_error: lastError } };
      }),
    );
  }

  private async all<T>(of: (one: AtExecutor) => T | undefined): Promise<T[]> {
    const executors = await this.executors.list();
    return executors.flatMap((executor) =>
      executor.instances.flatMap((instance) => {
        const one = of({ executor, instance });
        return one === undefined ? [] : [one];
      }),
    );
  }
}

interface AtExecutor {
  readonly executor: ExecutorRecord;
  readonly instance: Instance;
}

const labelsOf = ({ executor, instance }: AtExecutor) => ({
  namespace: instance.namespace,
  function: instance.function,
  version: String(instance.version),
  executor: executor.name,
  instance: instance.id,
});
