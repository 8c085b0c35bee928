import { ObjectNotFound, ObjectStore } from '@app/object-store';
import type { Task } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { FunctionsService } from '../functions/functions.service.js';
import type { CachedObject } from '../result-cache/result-cache.repository.js';
import { type TemporaryObject, TemporaryObjectRepository } from './temporary-object.repository.js';

const DAY_SECONDS = 86_400;

/** Outputs that a function declares temporary: they live as long as the execution that they were made for. */
@Injectable()
export class TemporaryObjectsService {
  constructor(
    private readonly objects: TemporaryObjectRepository,
    private readonly functions: FunctionsService,
    private readonly store: ObjectStore,
  ) {}

  /** In the transaction that ends the task, so that none is forgotten. */
  async note({ waiter, functionVersionId, report }: Task, made: readonly CachedObject[]): Promise<void> {
    if (!waiter || !functionVersionId || made.length === 0) return;
    const version = await this.functions.getVersion(functionVersionId).catch(() => undefined);
    const names = version?.config.temporary ?? [];
    const temporary = made.filter(({ name }) => names.includes(name.split('/')[0] ?? ''));
    if (temporary.length === 0) return;
    const { cache } = version?.config ?? {};
    // Of what was itself served no result is served.
    const { cachedFrom } = (report ?? {}) as { cachedFrom?: unknown };
    const keptSeconds = cache && !cachedFrom ? (cache.maxAgeSeconds ?? DAY_SECONDS) : 0;
    await this.objects.save(waiter.executionId, temporary, keptSeconds);
  }

  /** Removes what is not needed any more; gives how many that were. What somebody has overwritten is theirs. */
  async sweep(limit: number): Promise<number> {
    const ended = await this.objects.listEnded(limit);
    for (const object of ended) {
      if (await this.isOurs(object)) await this.store.delete(object);
      await this.objects.delete(object);
    }
    return ended.length;
  }

  private async isOurs(object: TemporaryObject): Promise<boolean> {
    try {
      return (await this.store.head(object)).etag === object.etag;
    } catch (error) {
      if (error instanceof ObjectNotFound) return false;
      throw error;
    }
  }
}
