import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database } from '../database/database.js';
import { Company, PRESENT_EVERY_MS } from './company.js';

const CHANNEL = 'spool_wakeup';
/** NOTIFY takes a database-wide lock at commit, so one statement carries the hints of this many milliseconds. */
const COALESCE_MS = 5;
const RECONNECT_MS = 1_000;
const SEPARATOR = '\n';
/** Topics between processes: one that has come and asks who is there, and one that says that it is. */
const WHO = 'who';
const HERE = 'here';
/** Postgres takes notifications of up to 8,000 bytes. */
const MAX_NOTE_BYTES = 7_900;

/**
 * Hints that something may be due, within this process at once and to others, if there are any, by NOTIFY: alone, a
 * process sends nothing. A hint may be lost or come twice: who waits here also looks by itself now and then.
 */
@Injectable()
export class Wakeups implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Wakeups.name);
  private readonly local = new EventEmitter().setMaxListeners(0);
  private readonly pending = new Set<string>();
  private readonly name = randomUUID();
  private listener: PoolClient | undefined;
  private readonly others = new Company();
  private presence: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    await this.listen();
    this.presence = setInterval(() => void this.send([HERE]), PRESENT_EVERY_MS).unref();
  }

  /** After the current transaction's commit, tells everybody who waits for `topic`. */
  wake(topic: string): void {
    this.database.afterCommit(() => {
      this.local.emit(topic);
      if (this.others.isNone) return;
      if (this.pending.size === 0) setTimeout(() => void this.flush(), COALESCE_MS).unref();
      this.pending.add(topic);
    });
  }

  /** Resolves on the next hint, after `waitMs`, or when the signal aborts; never rejects. */
  async wait(topic: string, waitMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    // By hand: AbortSignal.any keeps every signal it ever made for a long-lived one, and this runs for ever.
    await new Promise<void>((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.local.off(topic, settle);
        signal?.removeEventListener('abort', settle);
        resolve();
      };
      const timer = setTimeout(settle, Math.max(0, waitMs));
      this.local.once(topic, settle);
      signal?.addEventListener('abort', settle, { once: true });
    });
  }

  /** Calls `listener` on each hint until the returned function is called. */
  on(topic: string, listener: () => void): () => void {
    this.local.on(topic, listener);
    return () => this.local.off(topic, listener);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.presence);
    this.listener?.release(true);
    this.listener = undefined;
  }

  private async flush(): Promise<void> {
    const topics = [...this.pending];
    this.pending.clear();
    await this.send(topics);
  }

  private async send(topics: readonly string[]): Promise<void> {
    if (this.stopped) return;
    await this.database
      .query({
        text: 'select pg_notify($1, note) from unnest($2::text[]) note',
        values: [CHANNEL, notes(this.name, topics)],
      })
      .catch((error: unknown) => this.logger.warn(`Hints lost: ${String(error)}`));
  }

  private async listen(): Promise<void> {
    if (this.stopped) return;
    let client: PoolClient | undefined;
    try {
      const own = (client = await this.database.dedicatedClient());
      this.listener = own;
      if (this.stopped) return this.relisten(own);
      own.on('notification', ({ payload }) => this.receive(payload ?? ''));
      own.once('error', () => this.relisten(own));
      await own.query(`listen ${CHANNEL}`);
      await this.send([WHO]);
    } catch (error) {
      this.logger.warn(`Cannot listen for hints: ${String(error)}`);
      if (client) this.relisten(client);
      else this.listenAgain();
    }
  }

  /** What this process has sent comes back to it. */
  private receive(note: string): void {
    const [sender = '', ...topics] = note.split(SEPARATOR);
    if (sender === this.name) return;
    this.others.hear(sender);
    if (topics.includes(WHO)) void this.send([HERE]);
    for (const topic of topics) this.local.emit(topic);
  }

  private relisten(client: PoolClient): void {
    if (this.listener !== client) return; // Given back already: a server that ends says so late.
    client.release(true);
    this.listener = undefined;
    this.listenAgain();
  }

  private listenAgain(): void {
    if (!this.stopped) setTimeout(() => void this.listen(), RECONNECT_MS).unref();
  }
}

/** As few notifications as hold all topics, each with its sender's name in front. */
function notes(sender: string, topics: readonly string[]): string[] {
  const all: string[] = [];
  let note = sender;
  for (const topic of topics) {
    const longer = note + SEPARATOR + topic;
    if (Buffer.byteLength(longer) > MAX_NOTE_BYTES && note !== sender) {
      all.push(note);
      note = sender + SEPARATOR + topic;
    } else note = longer;
  }
  return [...all, note];
}
