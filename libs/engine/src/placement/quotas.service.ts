import { Wakeups } from '@app/common';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Offers } from '../executions/offers.js';
import { QueueQuotaReached } from './placement.errors.js';
import { type Quota, QuotaRepository } from './quota.repository.js';

/** Changes are told; this is for a hint that was lost. */
const RELOAD_MS = 10_000;
/** How old the count may be that a call is refused or admitted by; those admitted here since are added. */
const COUNT_MS = 250;
const RETRY_SECONDS = 1;
const SHOWN_QUEUED = 1_000_000;

export interface QuotaUse extends Quota {
  readonly running: number;
  readonly queued: number;
}

interface Count {
  readonly at: number;
  queued: number;
}

/** How much the functions of a namespace may run and have waiting. What runs is held to by the claim. */
@Injectable()
export class QuotasService implements OnModuleInit, OnModuleDestroy {
  private quotas = new Map<string, Quota>();
  private readonly counts = new Map<string, Count>();
  private timer: NodeJS.Timeout | undefined;
  private asked = 0;
  /** The latest question that was answered. */
  private answered = 0;

  constructor(
    private readonly repository: QuotaRepository,
    private readonly offers: Offers,
    private readonly wakeups: Wakeups,
  ) {}

  async onModuleInit(): Promise<void> {
    this.wakeups.on('quotas', () => void this.reload());
    this.timer = setInterval(() => void this.reload(), RELOAD_MS).unref();
    await this.reload();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async get(namespace: string): Promise<QuotaUse> {
    await this.reload();
    const running = await this.repository.countRunning(namespace);
    const queued = await this.repository.countQueued(namespace, SHOWN_QUEUED);
    return { ...this.quotas.get(namespace), running, queued };
  }

  async set(namespace: string, quota: Quota): Promise<QuotaUse> {
    await this.repository.save(namespace, quota);
    this.wakeups.wake('quotas');
    this.wakeups.wake('tasks:function');
    this.counts.delete(namespace);
    return this.get(namespace);
  }

  /** Whether how many tasks of it run is limited. */
  isLimited(namespace: string): boolean {
    return this.offers.limited.has(namespace);
  }

  /** Rejects with `QueueQuotaReached`. For what somebody asks for: what a workflow needs is queued in any case. */
  async admit(namespace: string): Promise<void> {
    const maxQueued = this.quotas.get(namespace)?.maxQueued;
    if (maxQueued === undefined) return;
    const count = await this.count(namespace, maxQueued);
    if (count.queued >= maxQueued) throw new QueueQuotaReached(namespace, maxQueued, RETRY_SECONDS);
    count.queued++;
  }

  private async count(namespace: string, maxQueued: number): Promise<Count> {
    const known = this.counts.get(namespace);
    if (known && performance.now() - known.at < COUNT_MS) return known;
    const count = { at: performance.now(), queued: await this.repository.countQueued(namespace, maxQueued) };
    this.counts.set(namespace, count);
    return count;
  }

  /** What cannot be read is as it was. An answer that a later one has overtaken is old. */
  private async reload(): Promise<void> {
    const question = ++this.asked;
    const quotas = await this.repository.list().catch(() => undefined);
    if (!quotas || question < this.answered) return;
    this.answered = question;
    this.quotas = quotas;
    this.offers.limited.clear();
    for (const [namespace, { maxRunning }] of quotas) if (maxRunning !== undefined) this.offers.limited.add(namespace);
  }
}
