import { Injectable } from '@nestjs/common';
import { type ExecutorRecord, ExecutorRepository } from './executor.repository.js';

const SHOWN_SECONDS = 3_600;
const FORGOTTEN_SECONDS = 7 * 86_400;

@Injectable()
export class ExecutorsService {
  constructor(private readonly executors: ExecutorRepository) {}

  /** Those heard of within the last hour. */
  async list(): Promise<ExecutorRecord[]> {
    return this.executors.list(SHOWN_SECONDS);
  }

  async forgetSilent(): Promise<void> {
    await this.executors.deleteSilent(FORGOTTEN_SECONDS);
  }
}
