import type { NewTask, Requirements } from '@app/queue';
import type { Resources } from '@app/worker-api';
import { Injectable } from '@nestjs/common';

export type Room = Resources;

/** Versions of functions that an executor has at hand: as a process that waits, or at least as code. */
export interface AtHand {
  readonly warm: ReadonlySet<string>;
  readonly cached: ReadonlySet<string>;
}

const NOTHING: AtHand = { warm: new Set(), cached: new Set() };

/** What an executor has free while an exchange with it is open. Tasks that fit are made for it at once. */
export class Offer {
  private readonly given: NewTask[] = [];
  private reserved = 0;
  private isOpen = false;
  private hasExpired = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly executorId: string,
    readonly labels: readonly string[],
    private free: Room,
    private readonly leaseSeconds: number,
    readonly has: AtHand = NOTHING,
  ) {}

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
  }

  /** What it got meanwhile has needed none of its room. */
  refill(free: Room): void {
    this.free = free;
  }

  open(): void {
    this.isOpen = true;
  }

  /** No more is taken from now on; what it got, once it is known whether what was promised could be written. */
  async close(): Promise<{ tasks: NewTask[]; free: Room }> {
    this.isOpen = false;
    while (this.reserved > 0) await this.change();
    return { tasks: this.given.splice(0), free: this.free };
  }

  /** Resolves when something was given, or given up. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** How well placed it is for this task; among others. */
  readiness({ functionVersionId: id }: NewTask): number {
    if (id === undefined) return 0;
    return this.has.warm.has(id) ? 2 : this.has.cached.has(id) ? 1 : 0;
  }

  /** Whether it would start at once here. */
  fits({ labels, memoryMb, vcpu }: Requirements): boolean {
    const { free } = this;
    const hasRoom = free.slots > 0 && memoryMb <= free.memoryMb && vcpu <= free.vcpu;
    return this.isOpen && hasRoom && labels.every((label) => this.labels.includes(label));
  }

  /** The task as this executor's, if it fits into what is free. */
  reserve(task: NewTask): NewTask | undefined {
    if (!this.fits(task)) return undefined;
    const { slots, memoryMb, vcpu } = this.free;
    this.free = { ...this.free, slots: slots - 1, memoryMb: memoryMb - task.memoryMb, vcpu: vcpu - task.vcpu };
    this.reserved++;
    return { ...task, lease: { executorId: this.executorId, seconds: this.leaseSeconds } };
  }

  /** The reserved task is stored, and leased. */
  give(task: NewTask): void {
    this.given.push(task);
    this.settle();
  }

  /** It could not be stored. */
  giveUp({ memoryMb, vcpu }: NewTask): void {
    const { free } = this;
    this.free = { ...free, slots: free.slots + 1, memoryMb: free.memoryMb + memoryMb, vcpu: free.vcpu + vcpu };
    this.settle();
  }

  private settle(): void {
    this.reserved--;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

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
      if (offer.fits(task) && (!best || offer.readiness(task) > best.readiness(task))) best = offer;
    }
    return best;
  }

  /** Executors that wait here for work. */
  [Symbol.iterator](): IterableIterator<Offer> {
    return this.offers.values();
  }
}
