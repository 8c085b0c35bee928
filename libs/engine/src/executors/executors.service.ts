import type { ExecutorUpdate, Poll, Registered, RegisterExecutor } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { InstancesService } from '../instances/instances.service.js';
import { type ExecutorRecord, ExecutorRepository } from './executor.repository.js';
import { ExecutorNotFound } from './executors.errors.js';
import { WorkersOptions } from './workers.options.js';

const SHOWN_SECONDS = 3_600;
/** An executor under load calls hundreds of times a second. */
const NOTED_EVERY_MS = 1_000;
const FORGOTTEN_SECONDS = 7 * 86_400;

@Injectable()
export class ExecutorsService {
  private readonly heard = new Map<string, { readonly labels: string[]; readonly at: number }>();

  constructor(
    private readonly executors: ExecutorRepository,
    private readonly options: WorkersOptions,
    private readonly instances: InstancesService,
  ) {}

  async register(executor: RegisterExecutor): Promise<Registered> {
    const executorId = uuid();
    await this.executors.insert(executorId, executor);
    const { leaseSeconds, heartbeatSeconds } = this.options;
    return { executorId, leaseSeconds, heartbeatSeconds };
  }

  /** What it has found out of itself since it has registered. */
  async update(executorId: string, update: ExecutorUpdate): Promise<void> {
    if (!(await this.executors.save(executorId, update))) throw new ExecutorNotFound(executorId);
    this.heard.delete(executorId);
  }

  /** Notes that it was heard of and what it says of itself, not more often than matters; gives its labels. */
  async heardOf(executorId: string, { free, instances }: Pick<Poll, 'free' | 'instances'>): Promise<string[]> {
    this.instances.report(executorId, instances);
    const known = this.heard.get(executorId);
    if (known && performance.now() - known.at < NOTED_EVERY_MS) return known.labels;
    const at = performance.now();
    const labels = await this.executors.touch(executorId, { free, instances: this.instances.at(executorId) });
    if (!labels) throw new ExecutorNotFound(executorId);
    this.heard.set(executorId, { labels, at });
    return labels;
  }

  /** Those heard of within the last hour. */
  async list(): Promise<ExecutorRecord[]> {
    return this.executors.list(SHOWN_SECONDS);
  }

  async forgetSilent(): Promise<void> {
    await this.executors.deleteSilent(FORGOTTEN_SECONDS);
  }
}
