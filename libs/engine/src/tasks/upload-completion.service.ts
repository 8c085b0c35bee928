import { ObjectTransfers } from '@app/object-store';
import type { Task, TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { CachedObject } from '../result-cache/result-cache.repository.js';
import { TemporaryObjectsService } from '../temporary-objects/temporary-objects.service.js';
import { type TaskUpload, TaskUploadRepository } from './task-upload.repository.js';

/** The store works on each for some milliseconds, and a stream has hundreds. */
const LANES = 8;

/** Makes an attempt's uploads visible, in an order in which nothing names what is not there yet. */
@Injectable()
export class UploadCompletionService {
  constructor(
    private readonly uploads: TaskUploadRepository,
    private readonly transfers: ObjectTransfers,
    private readonly temporary: TemporaryObjectsService,
  ) {}

  /** May be done again. Gives the objects. */
  async completeAll(task: TaskRef): Promise<CachedObject[]> {
    const made: CachedObject[] = [];
    for (const level of levelsOf(await this.uploads.list(task))) made.push(...(await this.complete(level)));
    return made;
  }

  /** Within the transaction that ends the task. */
  async settle(task: Task, made: readonly CachedObject[]): Promise<void> {
    await this.uploads.deleteAll(task);
    await this.temporary.note(task, made);
  }

  private async complete(level: readonly TaskUpload[]): Promise<CachedObject[]> {
    const waiting = [...level];
    const made: CachedObject[] = [];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const etag = await this.transfers.completeUpload(next, next.uploadId, next.parts ?? []);
        made.push({ name: next.name, bucket: next.bucket, key: next.key, etag });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return made;
  }
}

/** Files that are as deep in their folder as each other: only of these may one be published before the other. */
function levelsOf(uploads: readonly TaskUpload[]): TaskUpload[][] {
  const levels = new Map<number, TaskUpload[]>();
  for (const upload of uploads) {
    const depth = upload.name.split('/').length;
    const level = levels.get(depth);
    if (level) level.push(upload);
    else levels.set(depth, [upload]);
  }
  return [...levels.values()];
}
