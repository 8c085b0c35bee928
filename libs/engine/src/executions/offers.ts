import type { NewTask, Requirements } from '@app/queue';
import type { Places, Resources } from '@app/worker-api';
import { leftBeside, type Starving } from '../placement/reservations.js';
import { Injectable } from '@nestjs/common';

export type Room = Resources;

/** Versions of functions that an executor has at hand: as a process that waits, or at least as code. */
export interface AtHand {
  readonly warm: ReadonlySet<string>;
  readonly cached: ReadonlySet<string>;
  /** Of objects that tasks read. */
  readonly inputs: ReadonlySet<string>;
}

const NOTHING: AtHand = { warm: new Set(), cached: new Set(), inputs: new Set() };

interface About {
  readonly has: AtHand;
  /** What its executor is being kept free for. */
  readonly reserved: Starving | null;
}

/** What an executor has free while an exchange with it is open. Tasks that fit are made for it at once. */
export class Offer {
  readonly has: AtHand;
  readonly reserved: Starving | null;
  private readonly given: NewTask[] = [];
  /** Free places in instances that serve several tasks: who gets one needs no room. */
  private readonly places = new Map<string, number>();
  private readonly inPlaces = new Set<string>();
  private promised = 0;
  private isOpen = false;
  private hasExpired = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly executorId: string,
    readonly labels: readonly string[],
    private free: Room,
    private readonly leaseSeconds: number,
    { has = NOTHING, reserved = null }: Partial<About> = {},
  ) {
    this.has = has;
    this.reserved = reserved;
  }

  /** What is not promised to anybody. */
  get room(): Room {
    return this.free;
  }

  get hasSlot(): boolean {
    return this.free.slots > 0;
  }

  /** It is to be answered now, whatever there is. */
  get isExpired(): boolean {
    return this.hasExpired;
  }

  expire(): void {
    this.hasExpired = true;
    this.wake();
  }

  /** What it was promised it gets; nothing more. */
  exhaust(): void {
    this.free = { ...this.free, slots: 0 };
    this.places.clear();
  }

  /** What it got meanwhile has needed none of its room. */
  refill(free: Room): void {
    this.free = this.reserved ? leftBeside(free, this.reserved) : free;
  }

  open(): void {
    this.isOpen = true;
  }

  /** As `open`, for instances of a version that have places free, whatever room there is. */
  openPlaces({ versionId, namespace, free }: Places[number]): void {
    this.places.set(placeKey(versionId, namespace), free);
  }

  /** No more is taken from now on; what it got, once it is known whether what was promised could be written. */
  async close(): Promise<{ tasks: NewTask[]; free: Room }> {
    this.isOpen = false;
    this.places.clear();
    while (this.promised > 0) await this.change();
    return { tasks: this.given.splice(0), free: this.free };
  }

  /** Resolves when something was given, or given up. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** How well placed it is for this task; among others. A process starts sooner than a film is fetched, and a place is there. */
  readiness(task: NewTask): number {
    const { functionVersionId: id = '', inputKey = '' } = task;
    const { warm, cached, inputs } = this.has;
    return (this.hasPlace(task) ? 8 : 0) + (inputs.has(inputKey) ? 4 : 0) + (warm.has(id) ? 2 : cached.has(id) ? 1 : 0);
  }

  private hasPlace({ functionVersionId: id = '', namespace }: NewTask): boolean {
    return (this.places.get(placeKey(id, namespace)) ?? 0) > 0;
  }

  /** Whether it would start at once here, in a place or in the room that is free. */
  canTake(task: NewTask): boolean {
    return this.hasPlace(task) || this.fits(task);
  }

  /** Whether there is room for it. */
  fits({ labels, memoryMb, vcpu }: Requirements): boolean {
    const { free } = this;
    const hasDisk = (free.diskMb ?? 0) >= (free.diskShareMb ?? 0);
    const hasRoom = free.slots > 0 && hasDisk && memoryMb <= free.memoryMb && vcpu <= free.vcpu;
    return this.isOpen && hasRoom && labels.every((label) => this.labels.includes(label));
  }

  /** The task as this executor's, if it fits into a place or what is free. */
  reserve(task: NewTask): NewTask | undefined {
    if (!this.canTake(task)) return undefined;
    if (this.hasPlace(task)) this.takePlace(task);
    else this.take(task, 1);
    this.promised++;
    return { ...task, lease: { executorId: this.executorId, seconds: this.leaseSeconds } };
  }

  /** The reserved task is stored, and leased. */
  give(task: NewTask): void {
    this.given.push(task);
    this.settle();
  }

  /** It could not be stored. */
  giveUp(task: NewTask): void {
    if (!this.inPlaces.delete(task.id)) this.take(task, -1);
    this.settle();
  }

  private takePlace({ id, functionVersionId = '', namespace }: NewTask): void {
    const key = placeKey(functionVersionId, namespace);
    this.places.set(key, (this.places.get(key) ?? 0) - 1);
    this.inPlaces.add(id);
  }

  /** Who comes past the queue asks for nothing special: of the disk it has its share. */
  private take({ memoryMb, vcpu }: NewTask, times: 1 | -1): void {
    const { free } = this;
    const { diskMb, diskShareMb = 0 } = free;
    this.free = {
      ...free,
      slots: free.slots - times,
      memoryMb: free.memoryMb - times * memoryMb,
      vcpu: free.vcpu - times * vcpu,
      ...(diskMb !== undefined && { diskMb: diskMb - times * diskShareMb }),
    };
  }

  private settle(): void {
    this.promised--;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

const placeKey = (versionId: string, namespace: string): string => `${versionId}/${namespace}`;

/** Executors that wait for work at this process, and find nothing in the queue. */
@Injectable()
export class Offers {
  private readonly offers = new Set<Offer>();
  /** Namespaces that may run only so many tasks: what runs is counted by the claim, so theirs go through the queue. */
  readonly limited = new Set<string>();

  add(offer: Offer): void {
    this.offers.add(offer);
  }

  remove(offer: Offer): void {
    this.offers.delete(offer);
  }

  /** Whether it would start at once, at another executor than these. */
  hasRoom(requirements: Requirements, besides: ReadonlySet<string>): boolean {
    return [...this.offers].some((offer) => !besides.has(offer.executorId) && offer.fits(requirements));
  }

  /**
   * With who is readiest, and among equals has offered first; `undefined` if the task has to go into the queue, as one
   * does whose devices or limits only a claim can weigh.
   */
  reserve(task: NewTask): { offer: Offer; task: NewTask } | undefined {
    if (task.kind !== 'function' || task.needs || this.limited.has(task.namespace)) return undefined;
    const offer = this.readiest(task);
    const reserved = offer?.reserve(task);
    return offer && reserved && { offer, task: reserved };
  }

  private readiest(task: NewTask): Offer | undefined {
    let best: Offer | undefined;
    for (const offer of this.offers) {
      if (offer.canTake(task) && (!best || offer.readiness(task) > best.readiness(task))) best = offer;
    }
    return best;
  }

  /** Executors that wait here for work. */
  [Symbol.iterator](): IterableIterator<Offer> {
    return this.offers.values();
  }
}
