import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamName } from '@app/sandbox';
import type { LogLines, TaskRef } from '@app/worker-api';
import type { GatewayClient } from '../gateway/gateway.client.js';
import { GatewayRefused } from '../gateway/gateway.errors.js';
import { backoffMs } from '../gateway/retry.js';

const BATCH_LINES = 1_000;
const BATCH_BYTES = 512 * 1024;
const BATCH_MS = 250;
const LINE_OVERHEAD = 64;
const MAX_BACKOFF_MS = 5_000;
const LAST_WORD_MS = 1_000;
/** What waits is memory of ours, and must be gone within the patience at the end. */
const MAX_WAITING_LINES = 20_000;

type Line = LogLines['lines'][number];

/** Sends a task's lines to the gateway in order, in batches, and again until they arrive. */
export class LogShipper {
  private readonly lines: Line[] = [];
  private shipping: Promise<void> | undefined;
  private hurry = new AbortController();
  private isClosing = false;
  private isOver = false;
  private dropped = 0;
  /** How many of the first lines are under way. */
  private sending = 0;

  constructor(
    private readonly gateway: GatewayClient,
    private readonly task: TaskRef,
  ) {}

  add(stream: StreamName, line: string): void {
    if (this.isOver) return;
    if (this.lines.length >= MAX_WAITING_LINES) {
      this.dropped++;
      return;
    }
    this.tellDropped();
    this.push(stream, line);
  }

  /** Waits for what is unsent, but not longer than this; then the rest is given up. */
  async close(patienceMs: number): Promise<void> {
    this.isClosing = true;
    this.tellDropped();
    this.hurry.abort();
    if (this.shipping) await Promise.race([this.shipping, sleep(patienceMs, undefined, { ref: false })]);
    this.isOver = true;
    this.giveUpTheRest();
    if (this.shipping) await Promise.race([this.shipping, sleep(LAST_WORD_MS, undefined, { ref: false })]);
    this.lines.length = 0;
  }

  /** One line for all that will not arrive any more. The batch that is under way stands in front, and goes. */
  private giveUpTheRest(): void {
    const given = this.lines.splice(this.sending);
    this.dropped += given.length;
    this.tellDropped();
  }

  private tellDropped(): void {
    if (this.dropped === 0) return;
    this.push('stderr', `[spool] ${this.dropped} lines dropped: they came faster than they can be stored`);
    this.dropped = 0;
  }

  private push(stream: StreamName, line: string): void {
    this.lines.push({ stream, line, atMs: Date.now() });
    if (this.lines.length >= BATCH_LINES) this.hurry.abort();
    this.shipping ??= this.ship();
  }

  private async ship(): Promise<void> {
    for (let failures = 0; this.lines.length > 0; ) {
      await this.untilDue();
      const count = batchSize(this.lines);
      this.sending = count;
      try {
        await this.gateway.logs(this.task.id, { attempt: this.task.attempt, lines: this.lines.slice(0, count) });
        failures = 0;
        this.lines.splice(0, count);
        this.sending = 0;
      } catch (error) {
        this.sending = 0;
        if (error instanceof GatewayRefused) this.give(error, count);
        else await sleep(backoffMs(++failures, MAX_BACKOFF_MS), undefined, { ref: false });
      }
    }
    this.shipping = undefined; // In the same moment: a line that comes now is shipped by the next.
  }

  /** A batch waits for company, unless it is full or the task is over. */
  private async untilDue(): Promise<void> {
    await sleep(BATCH_MS, undefined, { ref: false, signal: this.hurry.signal }).catch(() => {});
    if (!this.isClosing && this.lines.length < BATCH_LINES) this.hurry = new AbortController();
  }

  /** A batch that is refused is not asked for again; a task that is not ours any more needs no lines at all. */
  private give(error: GatewayRefused, count: number): void {
    const isLost = error.status === 404 || error.status === 409 || error.status === 410;
    this.isOver ||= isLost;
    this.lines.splice(0, isLost ? this.lines.length : count);
  }
}

function batchSize(lines: readonly Line[]): number {
  let bytes = 0;
  let count = 0;
  for (const { line } of lines) {
    bytes += Buffer.byteLength(line) + LINE_OVERHEAD;
    if (count > 0 && (bytes > BATCH_BYTES || count >= BATCH_LINES)) break;
    count++;
  }
  return count;
}
