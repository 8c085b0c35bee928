import { ObjectStore } from '@app/object-store';
import { Injectable, Logger } from '@nestjs/common';
import { HealthRepository } from './health.repository.js';
import { NotReady } from './health.errors.js';

const PATIENCE_MS = 3_000;

@Injectable()
export class ReadinessService {
  private readonly logger = new Logger(ReadinessService.name);

  constructor(
    private readonly database: HealthRepository,
    private readonly objects: ObjectStore,
  ) {}

  async check(): Promise<Record<string, string>> {
    const [database, objectStore] = await Promise.all([
      this.answers('database', () => this.database.ask()),
      this.answers('object store', () => this.objects.listBuckets()),
    ]);
    const checks = { database, objectStore };
    if (database !== 'ok' || objectStore !== 'ok') throw new NotReady(checks);
    return checks;
  }

  /** Why it does not answer stands in the log only: anybody may ask for health. */
  private async answers(name: string, ask: () => Promise<unknown>): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    try {
      await Promise.race([ask(), late]);
      return 'ok';
    } catch (error) {
      this.logger.warn(`The ${name} does not answer: ${error instanceof Error ? error.message : String(error)}`);
      return 'failing';
    } finally {
      clearTimeout(timer);
    }
  }
}
