import type { Registered, RegisterExecutor } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { type ExecutorRecord, ExecutorRepository } from './executor.repository.js';
import { ExecutorNotFound } from './executors.errors.js';
import { WorkersOptions } from './workers.options.js';

const SHOWN_SECONDS = 3_600;
const FORGOTTEN_SECONDS = 7 * 86_400;

@Injectable()
export class ExecutorsService {
  constructor(
    private readonly executors: ExecutorRepository,
    private readonly options: WorkersOptions,
  ) {}

  async register(executor: RegisterExecutor): Promise<Registered> {
    const executorId = uuid();
    await this.executors.insert(executorId, executor);
    const { leaseSeconds, heartbeatSeconds } = this.options;
    return { executorId, leaseSeconds, heartbeatSeconds };
  }

  /** Notes that it was heard of; gives its labels. */
  async heardOf(executorId: string): Promise<string[]> {
    const labels = await this.executors.touch(executorId);
    if (!labels) throw new ExecutorNotFound(executorId);
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
