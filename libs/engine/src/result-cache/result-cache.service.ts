import { ObjectStore } from '@app/object-store';
import type { Task } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable, Logger } from '@nestjs/common';
import type { FunctionVersion } from '../functions/function-version.js';
import { FunctionsService } from '../functions/functions.service.js';
import type { ObjectReference } from '../functions/object-references.js';
import { isLarge } from '../payloads/payload-marks.js';
import { namedReferences, type SeenInput } from './cache-key.js';
import { FlightsService } from './flights.service.js';
import { hasMarks, withPlaceholders } from './placeholders.js';
import { type CachedObject, type CacheFigures, ResultCacheRepository } from './result-cache.repository.js';

/** S3 takes more at once, but nobody should be kept from it. */
const LANES = 8;

export interface Finished {
  readonly output: Json;
  readonly objects: readonly CachedObject[];
  readonly cpuMs: number;
}

/** Keeps results of functions that say they are deterministic. Losing one costs its work, and nothing else. */
@Injectable()
export class ResultCacheService {
  private readonly logger = new Logger(ResultCacheService.name);

  constructor(
    private readonly cache: ResultCacheRepository,
    private readonly functions: FunctionsService,
    private readonly store: ObjectStore,
    private readonly flights: FlightsService,
  ) {}

  /** Its function's version, if its result may be kept and served. */
  async cacheable({ functionVersionId, tokenHash, payloadRef }: Task): Promise<FunctionVersion | undefined> {
    // What is only handed out by the task is ended by somebody else.
    if (!functionVersionId || tokenHash !== undefined) return undefined;
    // A key of megabytes would cost more than it saves.
    if (payloadRef) return undefined;
    const version = await this.functions.getVersion(functionVersionId).catch(() => undefined);
    return version?.config.cache && version;
  }

  /** Each input as it is now. Throws ObjectNotFound. */
  async see(inputs: readonly ObjectReference[]): Promise<SeenInput[]> {
    const seen: SeenInput[] = [];
    const waiting = [...inputs.entries()];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, { name, bucket, key }] = next;
        const { etag, size, lastModified, versionId } = await this.store.head({ bucket, key });
        seen[index] = { name, etag, size, lastModified: lastModified.toISOString(), versionId };
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return seen;
  }

  /**
   * Keeps what the attempt made, if it was claimed under a key and its inputs are still what they were then: what it
   * has read of one that was overwritten meanwhile, nobody knows. Its outputs must be published.
   */
  async keep(task: Task, { output, objects, cpuMs }: Finished): Promise<void> {
    const version = await this.cacheable(task);
    const claim = version && (await this.cache.takeClaim(task));
    if (!claim || hasMarks(output) || isLarge(output)) return;
    const now = await this.see(claim.refs.inputs);
    if (!isSame(now, claim.inputs)) return;
    await this.cache.save({
      namespace: task.namespace,
      key: claim.key,
      function: version.functionName,
      taskId: task.id,
      executionId: task.waiter?.executionId ?? null,
      output: withPlaceholders(output, namedReferences(claim.refs)),
      objects,
      cpuMs,
    });
  }

  /** As `keep`; a result that could not be kept is still a result. */
  async tryToKeep(task: Task, finished: Finished): Promise<void> {
    if (!(await this.cacheable(task))) return;
    await this.keep(task, finished).catch((error: unknown) =>
      this.logger.warn(`The result of task ${task.id} could not be kept: ${String(error)}`),
    );
    await this.landed(task);
  }

  /** Whoever waits for the same work looks again: it is known now, or somebody else has to do it. */
  async landed(task: Task): Promise<void> {
    if (!(await this.cacheable(task))) return;
    await this.flights
      .land(task)
      .catch((error: unknown) => this.logger.warn(`Those that wait for task ${task.id}: ${String(error)}`));
  }

  figures(namespace: string): Promise<CacheFigures[]> {
    return this.cache.figures(namespace);
  }

  /** Forgets what is known of one function, or of all; gives how many results that were. */
  clear(namespace: string, functionName?: string): Promise<number> {
    return this.cache.deleteAll(namespace, functionName);
  }
}

/** Through JSON: the database has no undefined. */
const isSame = (now: readonly SeenInput[], then: readonly SeenInput[]): boolean =>
  JSON.stringify(sorted(now)) === JSON.stringify(sorted(then));

const sorted = (inputs: readonly SeenInput[]) =>
  inputs.map(({ name, etag, size, lastModified, versionId }) => [name, etag, size, lastModified, versionId ?? null]);
