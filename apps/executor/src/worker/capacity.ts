import type { Gpu, Resources } from '@app/worker-api';
import { type GpuNeed, HeldGpus } from './held-gpus.js';

/** What something that runs takes of this machine. Its slot goes without saying. */
export interface Need extends GpuNeed {
  readonly memoryMb: number;
  readonly vcpu: number;
  readonly encoderSessions?: number | undefined;
  /** Without it, what all have who do not ask. */
  readonly diskMb?: number | undefined;
}

/** A part of this machine that somebody has, until it is released. */
export interface Reservation {
  /** Those of its own, or of which it has a part. */
  readonly gpus: readonly Gpu[];
  /** As often as one likes: only the first counts. */
  release(): void;
}

interface Waiting {
  readonly need: Need;
  readonly settle: (reservation: Reservation | undefined) => void;
}

/** Shares of cores are added and subtracted as floating numbers. */
const TINY = 1e-6;

/**
 * What this executor has, and what of it is free: the one account that everything draws on that runs here, be it a
 * claimed task or a call of the fast lane. Whoever finds no room does not run.
 */
export class Capacity {
  private slots: number;
  private memoryMb: number;
  private vcpu: number;
  private encoderSessions: number | undefined;
  private disk: { readonly totalMb: number; readonly shareMb: number } | undefined;
  private diskMb = 0;
  private gpus = new HeldGpus([]);
  private kept: Pick<Need, 'memoryMb' | 'vcpu'> | undefined;
  private readonly waiting: Waiting[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(readonly base: Resources) {
    this.slots = base.slots;
    this.memoryMb = base.memoryMb;
    this.vcpu = base.vcpu;
    this.encoderSessions = base.encoderSessions;
  }

  get devices(): readonly Gpu[] {
    return this.gpus.devices;
  }

  get total(): Resources {
    const { disk } = this;
    return {
      ...this.base,
      ...(this.devices.length > 0 && { gpus: this.devices.map(whole) }),
      ...(disk && { diskMb: disk.totalMb, diskShareMb: disk.shareMb }),
    };
  }

  get free(): Resources {
    const { slots, memoryMb, vcpu, encoderSessions, gpus, disk, diskMb } = this;
    return {
      slots,
      memoryMb,
      vcpu: Math.max(0, vcpu),
      ...(encoderSessions !== undefined && { encoderSessions }),
      ...(gpus.devices.length > 0 && { gpus: gpus.free }),
      ...(disk && { diskMb: Math.max(0, diskMb), diskShareMb: disk.shareMb }),
    };
  }

  /** GPUs are found while the first tasks may run already. Only once: what is allotted refers to them. */
  addGpus(devices: readonly Gpu[]): void {
    this.gpus = new HeldGpus(devices);
    this.released();
  }

  /** What there is for files of tasks, and what one may have of it that does not ask. Before the first task. */
  setDisk(totalMb: number, shareMb: number): void {
    this.disk = { totalMb, shareMb };
    this.diskMb = totalMb;
  }

  /** Somebody waits for room that others have. */
  get isWanted(): boolean {
    return this.waiting.length > 0;
  }

  /** Undefined if there is no room for it now. */
  reserve(need: Need): Reservation | undefined {
    const { memoryMb, vcpu, encoderSessions = 0 } = need;
    const sessions = this.encoderSessions ?? Infinity;
    if (this.slots < 1 || memoryMb > this.memoryMb || vcpu > this.vcpu + TINY || encoderSessions > sessions)
      return undefined;
    if (this.disk && this.diskOf(need) > this.diskMb) return undefined;
    const allotted = need.gpus ? this.gpus.take(need) : [];
    if (!allotted) return undefined;
    this.take(need, 1);
    return this.reservation(need, allotted);
  }

  /** Others leave it for a task that has waited long; undefined: nothing is kept. */
  keep(room: Pick<Need, 'memoryMb' | 'vcpu'> | undefined): void {
    this.kept = room;
  }

  get isKept(): boolean {
    return this.kept !== undefined;
  }

  /** As `reserve`, for who must leave what is kept, and a slot. */
  reserveBeside(need: Need): Reservation | undefined {
    const { kept } = this;
    const isIn =
      kept &&
      (this.slots < 2 || need.memoryMb > this.memoryMb - kept.memoryMb || need.vcpu > this.vcpu - kept.vcpu + TINY);
    return isIn ? undefined : this.reserve(need);
  }

  /** As `reserve`, for who can wait a little. Those who wait come before those who ask later. */
  reserveWithin(ms: number, need: Need): Promise<Reservation | undefined> {
    const now = this.reserve(need);
    if (now) return Promise.resolve(now);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        need,
        settle: (reservation) => {
          clearTimeout(timer);
          this.waiting.splice(this.waiting.indexOf(waiting), 1);
          resolve(reservation);
        },
      };
      const timer = setTimeout(() => waiting.settle(undefined), ms);
      this.waiting.push(waiting);
    });
  }

  /** Calls it whenever there is more room than before. */
  onRelease(listener: () => void): void {
    this.listeners.push(listener);
  }

  private reservation(need: Need, gpus: readonly Gpu[]): Reservation {
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.take(need, -1);
      this.gpus.give(gpus, need);
      this.released();
    };
    return { gpus, release };
  }

  private diskOf({ diskMb = this.disk?.shareMb ?? 0 }: Need): number {
    return diskMb;
  }

  private take(need: Need, times: 1 | -1): void {
    const { memoryMb, vcpu, encoderSessions = 0 } = need;
    this.diskMb -= times * this.diskOf(need);
    this.slots -= times;
    this.memoryMb -= times * memoryMb;
    this.vcpu -= times * vcpu;
    if (this.encoderSessions !== undefined) this.encoderSessions -= times * encoderSessions;
  }

  private released(): void {
    for (const waiting of this.waiting.slice()) {
      const reservation = this.reserve(waiting.need);
      if (reservation) waiting.settle(reservation);
    }
    for (const listener of this.listeners) listener();
  }
}

const whole = ({ memoryMb }: Gpu) => ({ memoryMb, isWhole: true });
