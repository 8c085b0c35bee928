import { type ExecutorRecord, ExecutorsService, type RunningTask } from '@app/engine';
import { Injectable } from '@nestjs/common';

/** Silent for longer: it is gone, and its room with it. */
const SEEN_MS = 60_000;
const LOOK_MS = 50;

/** The executors as a scrape sees them: one look serves all of its gauges. */
@Injectable()
export class SeenExecutors {
  private readonly executors = lookedAt(async () =>
    (await this.service.list()).filter(({ seenAt, leftAt }) => !leftAt && Date.now() - seenAt.getTime() < SEEN_MS),
  );
  private readonly tasks = lookedAt(() => this.service.listRunning());

  constructor(private readonly service: ExecutorsService) {}

  list(): Promise<ExecutorRecord[]> {
    return this.executors();
  }

  /** What they hold, whoever it belongs to; the oldest first. */
  listRunning(): Promise<RunningTask[]> {
    return this.tasks();
  }
}

function lookedAt<T>(look: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined;
  return () => {
    const now = performance.now();
    if (!last || now - last.at > LOOK_MS) last = { at: now, found: look() };
    return last.found;
  };
}
