import { Wakeups } from '@app/common';
import { type Claim, leasedTask, type Task, TaskQueueRepository, type TaskRef } from '@app/queue';
import type { Places, Poll } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { Offer, Offers } from '../executions/offers.js';
import { hasRoom } from '../placement/reservations.js';
import { KnownTasks } from '../tasks/known-tasks.js';
import { WorkersOptions } from './workers.options.js';

/** What an executor did not mention this long after it was given has never reached it. */
const UNMENTIONED_SECONDS = 2;
/** How often that is looked for, and how long an empty queue is believed to be empty without a hint. */
const LOOK_MS = 1_000;

/** A claim names no more of what others have ready. */
const MAX_LEFT = 500;

/** What is known of the queue for one executor. */
interface Look {
  readonly at: number;
  readonly hints: number;
  readonly free: Poll['free'];
}

/** More than any task needs: one for an instance that is there needs nothing. */
const ANY = { memoryMb: 2_000_000_000, vcpu: 1_000_000, diskMb: 2_000_000_000 } as const;
const placesKey = (
  { executorId }: Pick<Offer, 'executorId'>,
  { versionId, namespace }: Pick<Places[number], 'versionId' | 'namespace'>,
): string => `${executorId}/${versionId}/${namespace}`;
const NO_ROOM = { tasks: [], isAll: false };

/** What executors hold: renewed while they say so, given out when it fits. */
@Injectable()
export class LeasesService {
  private readonly searched = new Map<string, number>();
  private readonly drained = new Map<string, Look>();
  private readonly placesLooked = new Map<string, Pick<Look, 'at' | 'hints'>>();
  private hints = 0;

  constructor(
    private readonly queue: TaskQueueRepository,
    private readonly options: WorkersOptions,
    private readonly offers: Offers,
    private readonly known: KnownTasks,
    private readonly wakeups: Wakeups,
  ) {
    wakeups.on('tasks:function', () => this.hints++);
  }

  /** Renews what the executor says it runs; gives back what it no longer holds, to be killed. */
  async renew(executorId: string, running: Poll['running']): Promise<TaskRef[]> {
    const held = await this.queue.extend(executorId, running, this.options.leaseSeconds);
    if (held.length === running.length) return [];
    // A request that waits knows nothing of what another one has reported since.
    const fine = new Set([...held.map(({ id }) => id), ...(await this.queue.listReported(running))]);
    return running.filter(({ id }) => !fine.has(id)).map(({ id, attempt }) => ({ id, attempt }));
  }

  async handBack(executorId: string, refs: readonly TaskRef[]): Promise<void> {
    if ((await this.queue.handBack(executorId, refs)) > 0) this.wakeups.wake('tasks:function');
  }

  /** While an exchange is open, tasks that are made at this process may go straight to its executor. */
  offer(
    executorId: string,
    { labels, has, reserved }: Pick<Offer, 'labels' | 'has' | 'reserved'>,
    { free, places }: Pick<Poll, 'free' | 'places'>,
  ): Offer {
    const offer = new Offer(executorId, labels, free, this.options.leaseSeconds, { has, reserved });
    this.offers.add(offer);
    this.reopen(offer, { free, places });
    return offer;
  }

  /** What has come into the queue since the last look is looked for before this exchange ends: it waits no longer. */
  reopen(offer: Offer, { free, places = [] }: Pick<Poll, 'free' | 'places'>): void {
    offer.refill(free);
    if (this.lastLook(offer.executorId, offer.room)) offer.open();
    for (const place of places) {
      const look = this.placesLooked.get(placesKey(offer, place));
      if (look && performance.now() - look.at <= LOOK_MS) offer.openPlaces(place);
    }
  }

  withdraw(offer: Offer): void {
    this.offers.remove(offer);
  }

  /**
   * Tasks for an executor: those made for it, those whose giving was lost on the way, or what fits of the queue.
   * Nothing for one that has hung up: it would wait for its lease to run out.
   */
  async claim(
    offer: Offer,
    { running, results, free: whole, places = [] }: Poll,
    signal?: AbortSignal,
  ): Promise<Task[]> {
    const { tasks: given, free } = await offer.close();
    if (signal?.aborted) return [];
    const tasks = given.map(leasedTask);
    const mentioned = [...running, ...results, ...tasks].map(({ id }) => id);
    tasks.push(...(await this.unmentioned(offer.executorId, mentioned)));
    if (tasks.length === 0) tasks.push(...(await this.claimReserved(offer, whole)));
    if (tasks.length === given.length) {
      tasks.push(...(await this.forPlaces(offer, places)));
      tasks.push(...(await this.search(offer, free)));
    }
    for (const task of tasks) this.known.put(task);
    return tasks;
  }

  /** What fits into instances that serve several tasks at the same time. It needs nothing of what is free. */
  private async forPlaces(offer: Offer, places: Places): Promise<Task[]> {
    const { executorId, labels } = offer;
    const { leaseSeconds } = this.options;
    const all: Task[] = [];
    for (const { versionId, namespace, free: limit } of places) {
      const key = placesKey(offer, { versionId, namespace });
      const last = this.placesLooked.get(key);
      if (last?.hints === this.hints && performance.now() - last.at < LOOK_MS) continue;
      const look = { at: performance.now(), hints: this.hints };
      const claim = {
        kind: 'function',
        labels,
        limit,
        ...ANY,
        only: { versionId, namespace },
        executorId,
        leaseSeconds,
      } as const;
      const { tasks } = await this.queue.claimUpTo(claim);
      // While something waits in the queue for them, nothing is given places past it.
      if (tasks.length === 0) this.placesLooked.set(key, look);
      else this.placesLooked.delete(key);
      all.push(...tasks);
    }
    return all;
  }

  /** Whether what the executor is being kept free for fits, but not into what one request offers. */
  isAwaited(reserved: Offer['reserved'], { free, spare = free }: Poll): boolean {
    return reserved !== null && hasRoom(reserved, spare) && !hasRoom(reserved, free);
  }

  private async claimReserved({ executorId, labels, reserved }: Offer, free: Poll['free']): Promise<Task[]> {
    if (!reserved || !hasRoom(reserved, free)) return [];
    const { slots: _, ...room } = free;
    const { leaseSeconds } = this.options;
    const what = { onlyTask: reserved.id, limit: 1, ...room };
    return (await this.queue.claimUpTo({ kind: 'function', labels, ...what, executorId, leaseSeconds })).tasks;
  }

  private async search(offer: Offer, free: Poll['free']): Promise<Task[]> {
    const { executorId } = offer;
    if (this.lastLook(executorId, free)?.hints === this.hints) return [];
    const look = { at: performance.now(), hints: this.hints, free };
    const { tasks, isAll } = free.slots === 0 ? NO_ROOM : await this.claimFor(offer, free);
    // Where something has to wait in the queue, nothing is given past it from now on.
    if (isAll) this.drained.set(executorId, look);
    else this.drained.delete(executorId);
    return tasks;
  }

  private claimFor(offer: Offer, free: Poll['free']): ReturnType<TaskQueueRepository['claimUpTo']> {
    const { executorId, labels, has } = offer;
    const { leaseSeconds } = this.options;
    const { slots: limit, ...room } = free;
    const place = { cached: [...has.warm, ...has.cached], inputs: [...has.inputs], ...this.leftToOthers(offer) };
    const wanted = { kind: 'function', labels, limit, ...room, ...place, executorId, leaseSeconds } as const;
    return this.queue.claimUpTo(wanted);
  }

  /** What is warm, or there to be read, at other executors that wait here too, with a slot free, and is not at this one. */
  private leftToOthers({ executorId, has }: Offer): Pick<Claim, 'leftToOthers' | 'inputsOfOthers'> {
    const others = [...this.offers].filter((other) => other.executorId !== executorId && other.hasSlot);
    const elsewhere = (what: 'warm' | 'inputs'): string[] => {
      const all = new Set(others.flatMap((other) => [...other.has[what]]));
      return [...all].filter((one) => !has[what].has(one)).slice(0, MAX_LEFT);
    };
    return { leftToOthers: elsewhere('warm'), inputsOfOthers: elsewhere('inputs') };
  }

  /**
   * The look at which the executor has just taken all of the queue that fits as much room. What is made now may be given
   * to it past the queue; if no hint of anything came since, there is nothing to look for either.
   */
  private lastLook(executorId: string, free: Poll['free']): Look | undefined {
    const look = this.drained.get(executorId);
    if (!look || performance.now() - look.at > LOOK_MS) return undefined;
    const hasSameDevices = free.gpus === undefined || JSON.stringify(free.gpus) === JSON.stringify(look.free.gpus);
    const hasNoMore = (free.encoderSessions ?? Infinity) <= (look.free.encoderSessions ?? Infinity);
    const hasNoMoreDisk = (free.diskMb ?? 0) <= (look.free.diskMb ?? 0);
    const fits =
      hasNoMoreDisk &&
      free.slots <= look.free.slots &&
      free.memoryMb <= look.free.memoryMb &&
      free.vcpu <= look.free.vcpu;
    return fits && hasSameDevices && hasNoMore ? look : undefined;
  }

  /** Makes what executors of this name held due at once; for one that is known to be dead. */
  async release(executorName: string): Promise<number> {
    return this.queue.release(executorName);
  }

  private async unmentioned(executorId: string, mentioned: readonly string[]): Promise<Task[]> {
    const now = performance.now();
    if (now - (this.searched.get(executorId) ?? -Infinity) < LOOK_MS) return [];
    this.searched.set(executorId, now);
    return this.queue.listUnmentioned(executorId, mentioned, UNMENTIONED_SECONDS);
  }
}
