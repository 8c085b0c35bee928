import type { NewTask, Requirements } from '@app/queue';
import { Injectable } from '@nestjs/common';

export interface Room {
  readonly slots: number;
  readonly memoryMb: number;
  readonly vcpu: number;
}

/** What an executor has free while an exchange with it is open. Tasks that fit are made for it at once. */
export class Offer {
  private readonly given: NewTask[] = [];
  private reserved = 0;
  private isOpen = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly executorId: string,
    readonly labels: readonly string[],
    private free: Room,
    private readonly leaseSeconds: number,
  ) {}

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
    this.free = { slots: slots - 1, memoryMb: memoryMb - task.memoryMb, vcpu: vcpu - task.vcpu };
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
    this.free = { slots: free.slots + 1, memoryMb: free.memoryMb + memoryMb, vcpu: free.vcpu + vcpu };
    this.settle();
  }

  private settle(): void {
    this.reserved--;
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** Executors that wait for work at this process, and find nothing in the queue. */
@Injectable()
export class Offers {
  private readonly offers = new Set<Offer>();

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

  /** With who has offered first; `undefined` if the task has to go into the queue. */
  reserve(task: NewTask): { offer: Offer; task: NewTask } | undefined {
    if (task.kind !== 'function') return undefined;
    for (const offer of this.offers) {
      const reserved = offer.reserve(task);
      if (reserved) return { offer, task: reserved };
    }
    return undefined;
  }
}
