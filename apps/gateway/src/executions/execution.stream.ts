import { setTimeout as sleep } from 'node:timers/promises';
import { Wakeups } from '@app/common';
import { ExecutionsService } from '@app/engine';
import { Injectable } from '@nestjs/common';
import { InvocationViews } from '../invocations/invocation.view.js';
import { HEARTBEAT, type ServerSentEvent } from '../shell/server-sent-events.js';
import { ExecutionViews } from './execution.view.js';
import { HistoryViews } from './history.view.js';

const PAGE = 500;
/** The newest runs of functions are followed; a Map over more shows the others when one asks for them. */
const FOLLOWED_INVOCATIONS = 200;
const HEARTBEAT_MS = 15_000;
/** Hints may be lost: look again now and then. */
const RECHECK_MS = 1_000;
/** A burst of hints is one look. */
const REST_MS = 50;

interface Followed {
  readonly namespace: string;
  readonly id: string;
  /** The history event that the reader has seen. */
  readonly after: number;
  readonly signal: AbortSignal;
}

interface Seen {
  history: number;
  status: string;
  progress: string;
  readonly invocations: Map<string, string>;
}

/** What happens in one execution, as it happens. Reads when the reader is ready for more, so it never runs ahead. */
@Injectable()
export class ExecutionStream {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly executionViews: ExecutionViews,
    private readonly invocations: InvocationViews,
    private readonly histories: HistoryViews,
    private readonly wakeups: Wakeups,
  ) {}

  async *follow({ namespace, id, after, signal }: Followed): AsyncGenerator<ServerSentEvent | typeof HEARTBEAT> {
    const seen: Seen = { history: after, status: '', progress: '', invocations: new Map() };
    let spokeAt = Date.now();
    while (!signal.aborted) {
      // Listening before looking: what comes in between is not missed.
      const hint = this.wakeups.wait(`execution:${id}`, RECHECK_MS, signal);
      const execution = await this.executionViews.of(await this.executions.getBare(namespace, id));
      for await (const event of this.news(namespace, id, seen)) {
        yield event;
        spokeAt = Date.now();
      }
      if (execution.status !== seen.status) {
        seen.status = execution.status;
        yield { event: 'execution', data: execution };
        spokeAt = Date.now();
      }
      const progress = JSON.stringify(execution.progress);
      if (execution.progress && progress !== seen.progress) {
        seen.progress = progress;
        yield { event: 'progress', data: execution.progress };
      }
      if (execution.status !== 'RUNNING') return;
      await hint;
      await sleep(REST_MS, undefined, { signal }).catch(() => {});
      if (Date.now() - spokeAt >= HEARTBEAT_MS) {
        yield HEARTBEAT;
        spokeAt = Date.now();
      }
    }
  }

  private async *news(namespace: string, id: string, seen: Seen): AsyncGenerator<ServerSentEvent> {
    for (;;) {
      const page = await this.executions.listHistory(namespace, id, seen.history, PAGE);
      for (const event of this.histories.of(id, page)) {
        yield { event: 'history', data: event, id: String(event.id) };
        seen.history = event.id;
      }
      if (page.length < PAGE) break;
    }
    for (const view of await this.invocations.ofExecution(namespace, id, FOLLOWED_INVOCATIONS)) {
      const text = JSON.stringify(view);
      if (seen.invocations.get(view.id) === text) continue;
      seen.invocations.set(view.id, text);
      yield { event: 'invocation', data: view };
    }
  }
}
