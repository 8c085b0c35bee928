import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';

export interface LoopOptions {
  readonly name: string;
  /** How long to rest after a round that failed. */
  readonly restMs: number;
}

/**
 * Runs `round` again and again until stopped. A round that throws is logged and tried again after a rest:
 * what it was doing is still in the database.
 */
export class Loop {
  private readonly stopping = new AbortController();
  private readonly logger: Logger;
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: LoopOptions,
    private readonly round: (signal: AbortSignal) => Promise<void>,
  ) {
    this.logger = new Logger(options.name);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Asks the loop to end and waits for the round in hand. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.round(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error(`${this.options.name}: ${error instanceof Error ? error.stack : String(error)}`);
        await sleep(this.options.restMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
