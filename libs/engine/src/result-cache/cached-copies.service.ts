import { ObjectChanged, ObjectStore } from '@app/object-store';
import type { Task } from '@app/queue';
import type { UploadedOutput } from '@app/worker-api';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { type ObjectReference, targetOf } from '../functions/object-references.js';
import { TaskResultsService } from '../tasks/task-results.service.js';
import { TaskUploadsService } from '../tasks/task-uploads.service.js';
import type { CachedObject, CachedResult } from './result-cache.repository.js';

/** A stream has hundreds of files. */
const LANES = 8;

export interface Delivery {
  readonly task: Task;
  readonly outputs: readonly ObjectReference[];
  readonly entry: CachedResult;
  readonly output: Json;
}

/** Brings the outputs of an earlier run to where a task wants them, and ends it with that run's result. */
@Injectable()
export class CachedCopiesService {
  constructor(
    private readonly store: ObjectStore,
    private readonly uploads: TaskUploadsService,
    private readonly results: TaskResultsService,
  ) {}

  async deliver({ task, outputs, entry, output }: Delivery): Promise<void> {
    const began = performance.now();
    const copied: UploadedOutput[] = [];
    const waiting = [...entry.objects];
    const origin = waiting.length > 0 ? await this.uploads.originOf(task) : undefined;
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const target = targetOf(outputs, next.name);
        if (!target || !origin) throw new ObjectChanged(next);
        copied.push(await this.copy(task, next, { target, origin }));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const { id, attempt } = task;
    const cachedFrom = {
      invocation: entry.taskId,
      ...(entry.executionId !== null && { execution: entry.executionId }),
      savedCpuMs: entry.cpuMs,
    };
    const usage = { wallMs: Math.round(performance.now() - began), cpuMs: 0 };
    await this.results.acceptCached({ id, attempt, status: 'SUCCEEDED', output, outputs: copied, usage }, cachedFrom);
  }

  abort(task: Task): Promise<void> {
    return this.uploads.abortAll(task);
  }

  private async copy(
    task: Task,
    { name, bucket, key, etag }: CachedObject,
    to: Parameters<TaskUploadsService['openCopy']>[1],
  ): Promise<UploadedOutput> {
    const facts = await this.store.head({ bucket, key });
    if (facts.etag !== etag) throw new ObjectChanged({ bucket, key });
    const { size, contentType } = facts;
    const parts = await this.uploads.openCopy(task, to, { bucket, key, etag, size, contentType });
    return { name, size, contentType, parts };
  }
}
