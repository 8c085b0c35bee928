import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type NewLogLine, TaskLogRepository } from '../tasks/task-log.repository.js';
import type { CallRecord } from './call-record.js';
import { CallRecordRepository } from './call-record.repository.js';

const FLUSH_MS = 50;
const REST_AFTER_ERROR_MS = 500;
const BATCH = 1_000;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Above this nothing more is let into the fast lane, until the database has caught up. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What a record takes besides its event and result. */
const OVERHEAD_BYTES = 1_024;
const MAX_LINES = 100_000;
const LINES_BATCH = 5_000;
/** SQLSTATE class 22: the values themselves are what Postgres cannot take. */
const isAboutData = (error: unknown): boolean => String((error as { code?: unknown }).code ?? '').startsWith('22');

interface Lines {
  readonly id: string;
  readonly lines: readonly NewLogLine[];
}

/**
 * Stores what has ended in the fast lane: after the answer, and many in one statement. A process that is killed takes
 * what it had not stored along with it: some tens of milliseconds of records, never a result that somebody waits for.
 */
@Injectable()
export class CallRecordsService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(CallRecordsService.name);
  private waiting: CallRecord[] = [];
  private lines: Lines[] = [];
  private lineCount = 0;
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private isFailing = false;
  private isClosing = false;

  constructor(
    private readonly records: CallRecordRepository,
    private readonly log: TaskLogRepository,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Whether what is added now can be kept. */
  get hasRoom(): boolean {
    return !this.isClosing && this.bytes < MAX_BYTES && this.lineCount < MAX_LINES;
  }

  add(record: CallRecord): void {
    this.waiting.push(record);
    this.bytes += sizeOf(record);
  }

  addLines(id: string, lines: readonly NewLogLine[]): void {
    this.lines.push({ id, lines });
    this.lineCount += lines.length;
  }

  /** Everything that was added before is stored, if the database can be reached. */
  async flush(): Promise<void> {
    const before = this.flushing;
    if (before) await before;
    if (this.flushing || (this.waiting.length === 0 && this.lines.length === 0)) return this.flushing;
    this.flushing = this.write().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    for (let tries = 0; this.isBehind && tries < 5; tries++) await this.flush();
    if (this.waiting.length > 0) this.logger.error(`${this.waiting.length} records of calls are lost`);
  }

  private get isBehind(): boolean {
    return this.flushing !== undefined || this.waiting.length > 0 || this.lines.length > 0;
  }

  private async write(): Promise<void> {
    const lines = this.lines.splice(0);
    try {
      while (this.waiting.length > 0) await this.writeBatch();
      for (let at = 0; at < lines.length; at += LINES_BATCH) await this.writeLines(lines.slice(at, at + LINES_BATCH));
      if (this.isFailing) this.logger.log('Records of calls are stored again');
      this.isFailing = false;
    } catch (error) {
      this.lines.unshift(...lines);
      if (!this.isFailing) this.logger.warn(`Records of calls cannot be stored now: ${String(error)}`);
      this.isFailing = true;
      await sleep(REST_AFTER_ERROR_MS);
    }
  }

  private async writeBatch(): Promise<void> {
    const batch = firstOf(this.waiting);
    try {
      await this.records.saveEnded(batch);
    } catch (error) {
      if (!isAboutData(error)) throw error;
      for (const record of batch) await this.writeAlone(record);
    }
    this.waiting.splice(0, batch.length);
    for (const record of batch) this.bytes -= sizeOf(record);
  }

  /** A result that is no JSON, or has a NUL, must not cost the others, nor the record itself. */
  private async writeAlone(record: CallRecord): Promise<void> {
    try {
      await this.records.saveEnded([record]);
    } catch (error) {
      if (!isAboutData(error)) throw error;
      const { output: _, ...end } = record.end;
      await this.records.saveEnded([{ ...record, call: { ...record.call, event: UNSTORABLE }, end }]);
    }
  }

  private async writeLines(batch: readonly Lines[]): Promise<void> {
    await this.log.insertAll(batch.map(({ id, lines }) => ({ ref: { id, attempt: 1 }, lines })));
    for (const { lines } of batch) this.lineCount -= lines.length;
  }
}

const UNSTORABLE = Buffer.from('"[spool] Postgres cannot store this event or its result"');

const sizeOf = ({ call, end }: CallRecord): number => OVERHEAD_BYTES + call.event.length + (end.output?.length ?? 0);

function firstOf(records: readonly CallRecord[]): CallRecord[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += sizeOf(record);
    return index > 0 && (index >= BATCH || bytes > BATCH_BYTES);
  });
  return records.slice(0, end < 0 ? records.length : end);
}
