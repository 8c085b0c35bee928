import { setTimeout as sleep } from 'node:timers/promises';
import { Wakeups } from '@app/common';
import { InvocationsService } from '@app/engine';
import { Injectable } from '@nestjs/common';
import { HEARTBEAT, type ServerSentEvent } from '../shell/server-sent-events.js';
import { toLogLine } from './invocations.dto.js';

const PAGE = 500;
const HEARTBEAT_MS = 15_000;
/** Hints may be lost: look again now and then. */
const RECHECK_MS = 1_000;
const REST_MS = 50;
const OPEN = new Set(['QUEUED', 'RUNNING', 'PUBLISHING']);

interface Followed {
  readonly namespace: string;
  readonly id: string;
  /** The line that the reader has seen. */
  readonly after: string;
  readonly signal: AbortSignal;
}

/** What a function writes, as it writes it. */
@Injectable()
export class LogStream {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly wakeups: Wakeups,
  ) {}

  async *follow({ namespace, id, after, signal }: Followed): AsyncGenerator<ServerSentEvent | typeof HEARTBEAT> {
    let seen = after;
    let spokeAt = Date.now();
    while (!signal.aborted) {
      // Listening before looking, and the end before the lines: what is written before the end is told before it.
      const hint = this.wakeups.wait(`invocation:${id}`, RECHECK_MS, signal);
      const { status } = await this.invocations.get(namespace, id);
      for (let isMore = true; isMore; ) {
        const lines = await this.invocations.listLogs(namespace, id, seen, PAGE);
        for (const line of lines) yield { event: 'line', id: String(line.id), data: toLogLine(line) };
        seen = String(lines.at(-1)?.id ?? seen);
        isMore = lines.length === PAGE;
        if (lines.length > 0) spokeAt = Date.now();
      }
      if (!OPEN.has(status)) return yield { event: 'end', data: { status } };
      await hint;
      await sleep(REST_MS, undefined, { signal }).catch(() => {});
      if (Date.now() - spokeAt < HEARTBEAT_MS) continue;
      yield HEARTBEAT;
      spokeAt = Date.now();
    }
  }
}
