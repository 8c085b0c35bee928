import { ObjectChanged, ObjectNotFound, ObjectStoreUnavailable } from '@app/object-store';
import { type Task, TaskQueueRepository } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable, Logger } from '@nestjs/common';
import { type ObjectReferences, objectReferences } from '../functions/object-references.js';
import { cacheKey, namedReferences } from './cache-key.js';
import { CachedCopiesService } from './cached-copies.service.js';
import type { Flight } from './flight.repository.js';
import { FlightsService } from './flights.service.js';
import { withReferences } from './placeholders.js';
import { type CachedResult, type Claim, ResultCacheRepository } from './result-cache.repository.js';
import { ResultCacheService } from './result-cache.service.js';

const LEASE_SECONDS = 30;

interface Asked {
  readonly task: Task;
  readonly references: ObjectReferences;
  readonly claim: Claim;
  readonly maxAgeSeconds: number;
}

/**
 * Serves tasks whose result is known, when an executor asks for work and before it gets them: the key depends on the
 * executor's tools. A hit goes the way of any result: uploads that show nothing, filled by the store itself, then the
 * result under the attempt's fence. A gateway that dies meanwhile loses the task's lease, as an executor would.
 */
@Injectable()
export class CachedResultsService {
  private readonly logger = new Logger(CachedResultsService.name);
  private readonly tools = new Map<string, Promise<Record<string, string>>>();
  readonly counts = { hit: 0, miss: 0, stale: 0, wait: 0 };

  constructor(
    private readonly cache: ResultCacheRepository,
    private readonly results: ResultCacheService,
    private readonly queue: TaskQueueRepository,
    private readonly copies: CachedCopiesService,
    private readonly flights: FlightsService,
  ) {}

  /** Takes those out that are known; gives back the tasks that the executor has to run. */
  async serve(executorId: string, tasks: readonly Task[]): Promise<Task[]> {
    const asked = (await Promise.all(tasks.map((task) => this.asked(executorId, task)))).filter((one) => !!one);
    if (asked.length === 0) return [...tasks];
    const known = await this.cache.find(
      asked.map(({ task, claim }) => ({ namespace: task.namespace, key: claim.key })),
    );
    const served = new Set<string>();
    for (const one of asked) {
      const entry = known.find(({ namespace, key }) => namespace === one.task.namespace && key === one.claim.key);
      // One that does without runs, and what it gives takes the entry's place.
      if (entry && !one.task.skipCache && isFresh(entry, one) && (await this.adopt(one, entry)))
        served.add(one.task.id);
    }
    const waiting = await this.flights.join(
      asked.filter(({ task }) => !served.has(task.id) && !task.skipCache).map(flightOf),
    );
    this.counts.wait += waiting.size;
    const misses = asked.filter(({ task }) => !served.has(task.id) && !waiting.has(task.id));
    this.counts.miss += misses.length;
    await this.cache.saveClaims(misses.map(({ claim }) => claim));
    return tasks.filter(({ id }) => !served.has(id) && !waiting.has(id));
  }

  private async asked(executorId: string, task: Task): Promise<Asked | undefined> {
    // What is too large for a row is not worth a look into the store for each claim.
    const version = task.payloadRef ? undefined : await this.results.cacheable(task);
    const references = version && objectReferences(version.config, task.payload as Json);
    if (!references || 'error' in references) return undefined;
    try {
      const inputs = await this.results.see(references.inputs);
      const tools = await this.toolsOf(executorId);
      const key = cacheKey({ version, payload: task.payload as Json, references, inputs, tools });
      const maxAgeSeconds = version.config.cache?.maxAgeSeconds ?? Infinity;
      return {
        task,
        references,
        claim: { id: task.id, attempt: task.attempt, key, refs: references, inputs },
        maxAgeSeconds,
      };
    } catch {
      return undefined; // An input is not there, or the store is away: the executor will tell it better.
    }
  }

  /** The task becomes ours, if nothing has happened to it meanwhile. */
  private async adopt(asked: Asked, entry: CachedResult): Promise<boolean> {
    const { task, references } = asked;
    const output = withReferences(entry.output as Json, namedReferences(references));
    if (output === undefined || !(await this.queue.adopt(task, LEASE_SECONDS))) return false;
    void this.finish(asked, entry, output);
    return true;
  }

  private async finish({ task, references }: Asked, entry: CachedResult, output: Json): Promise<void> {
    const renewal = setInterval(
      () => void this.queue.adopt(task, LEASE_SECONDS).catch(() => {}),
      (LEASE_SECONDS * 1_000) / 3,
    );
    try {
      await this.copies.deliver({ task, outputs: references.outputs, entry, output });
      this.counts.hit++;
      await this.cache.used(entry);
    } catch (error) {
      await this.giveBack(task, entry, error).catch((failure: unknown) => this.logger.warn(String(failure)));
    } finally {
      clearInterval(renewal);
    }
  }

  /** The work is done after all. While the store is away nothing can be: the task's lease runs out. */
  private async giveBack(task: Task, entry: CachedResult, error: unknown): Promise<void> {
    this.logger.warn(`Task ${task.id} cannot be served from the result of ${entry.taskId}: ${String(error)}`);
    if (error instanceof ObjectStoreUnavailable) return;
    this.counts.stale++;
    if (error instanceof ObjectNotFound || error instanceof ObjectChanged) await this.cache.delete(entry);
    await this.copies.abort(task);
    await this.flights.giveBack(task);
  }

  /** They never change: an executor that starts again has a new id. */
  private toolsOf(executorId: string): Promise<Record<string, string>> {
    const known = this.tools.get(executorId) ?? this.cache.toolsOf(executorId);
    this.tools.set(executorId, known);
    known.catch(() => this.tools.delete(executorId));
    return known;
  }
}

const flightOf = ({ task: { id, attempt, namespace }, claim: { key } }: Asked): Flight => ({
  id,
  attempt,
  namespace,
  key,
});

const isFresh = ({ createdAt }: CachedResult, { maxAgeSeconds }: Asked): boolean =>
  Date.now() - createdAt.getTime() < maxAgeSeconds * 1_000;
