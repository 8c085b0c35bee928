import type { ExecutorUpdate, Poll, Registered, RegisterExecutor } from '@app/worker-api';
import { Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { InstancesService } from '../instances/instances.service.js';
import { ExecutorCount } from './executor-count.js';
import {
  type ExecutorRecord,
  ExecutorRepository,
  type HeldTask,
  type Known,
  type RunningTask,
} from './executor.repository.js';
import { ExecutorNotFound } from './executors.errors.js';
import { WorkersOptions } from './workers.options.js';

const SHOWN_SECONDS = 3_600;
/** An executor under load calls hundreds of times a second. */
const NOTED_EVERY_MS = 1_000;
/** One that waits at a gateway says what it has every twenty seconds at least. */
const FRESH_MS = 60_000;
const FORGOTTEN_SECONDS = 7 * 86_400;

type Said = Pick<Poll, 'free' | 'spare' | 'instances' | 'inputCache'>;

@Injectable()
export class ExecutorsService {
  private readonly heard = new Map<string, Known & { readonly at: number }>();
  private readonly counted: ExecutorCount;

  constructor(
    private readonly executors: ExecutorRepository,
    private readonly options: WorkersOptions,
    private readonly instances: InstancesService,
    private readonly wakeups: Wakeups,
  ) {
    this.counted = new ExecutorCount(executors);
  }

  /** How many take work, as of some seconds ago. */
  count(): Promise<number> {
    return this.counted.get();
  }

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
    this.wakeups.wake('tasks:function'); // What did not fit may now.
  }

  /** Notes that it was heard of and what it says of itself, not more often than matters. */
  async heardOf(executorId: string, { free, spare = free, instances, inputCache }: Said): Promise<Known> {
    this.instances.report(executorId, instances);
    const before = this.heard.get(executorId);
    if (before && performance.now() - before.at < NOTED_EVERY_MS) return before;
    const at = performance.now();
    const said = { free: spare, instances: this.instances.at(executorId), inputCache };
    const known = await this.executors.touch(executorId, said);
    if (!known) throw new ExecutorNotFound(executorId);
    this.heard.set(executorId, { ...known, at });
    return known;
  }

  /** It takes no more, finishes what it has, and goes. */
  async drain(executorId: string): Promise<void> {
    if (!(await this.executors.drain(executorId))) throw new ExecutorNotFound(executorId);
    this.heard.delete(executorId);
    this.wakeups.wake(`executor:${executorId}`);
  }

  /** It has gone. */
  async leave(executorId: string): Promise<void> {
    this.heard.delete(executorId);
    await this.executors.leave(executorId);
  }

  async isDraining(executorId: string): Promise<boolean> {
    const before = this.heard.get(executorId);
    if (before && performance.now() - before.at < NOTED_EVERY_MS) return before.isDraining;
    return this.executors.isDraining(executorId);
  }

  /** Versions of functions of which a process waits there. */
  warmAt(executorId: string): ReadonlySet<string> {
    return this.instances.warmVersions(executorId);
  }

  /** Throws for one that has not registered, or so long ago that it was forgotten. */
  async ensureKnown(executorId: string): Promise<void> {
    if (!this.heard.has(executorId) && !(await this.executors.isKnown(executorId)))
      throw new ExecutorNotFound(executorId);
  }

  /** Those heard of within the last hour. */
  async list(): Promise<ExecutorRecord[]> {
    return (await this.executors.list(SHOWN_SECONDS)).map((executor) => this.upToDate(executor));
  }

  /** One of them, with what it holds of a namespace. */
  async get(id: string, namespace: string): Promise<{ executor: ExecutorRecord; tasks: HeldTask[] }> {
    const [executor] = await this.executors.list(SHOWN_SECONDS, id);
    if (!executor) throw new ExecutorNotFound(id);
    return { executor: this.upToDate(executor), tasks: await this.executors.listHeld(namespace, id) };
  }

  /** All of them, with what each holds of a namespace. */
  async listHolding(namespace: string): Promise<{ executor: ExecutorRecord; tasks: HeldTask[] }[]> {
    const [executors, held] = await Promise.all([this.list(), this.executors.listHeld(namespace)]);
    return executors.map((executor) => ({
      executor,
      tasks: held.filter(({ executorId }) => executorId === executor.id),
    }));
  }

  /** What all of them hold, in whatever namespace, the oldest first. */
  listRunning(): Promise<RunningTask[]> {
    return this.executors.listRunning();
  }

  /** What it told this process is newer than what is noted; what was noted long ago says nothing of its instances. */
  private upToDate(executor: ExecutorRecord): ExecutorRecord {
    const told = this.instances.at(executor.id);
    const isFresh = Date.now() - executor.seenAt.getTime() < FRESH_MS;
    return { ...executor, instances: told.length > 0 ? [...told] : isFresh ? executor.instances : [] };
  }

  async forgetSilent(): Promise<void> {
    await this.executors.deleteSilent(FORGOTTEN_SECONDS);
  }
}
