import type { EndedInvocation } from '@app/engine';
import { Histogram, type Registry } from 'prom-client';

/** Names are the users' own: beyond so many, the rest is one. */
const MAX_FUNCTIONS = 500;
const OTHERS = '(others)';

/** How long runs of functions take from acceptance to end, as their callers see it. */
export class InvocationLatency {
  private readonly histogram: Histogram<'function' | 'lane' | 'status'>;
  /** prom-client makes a text of the labels for each look-up; here it is made once. */
  private readonly children = new Map<string, { observe(seconds: number): void }>();
  private readonly functions = new Set<string>();

  constructor(registry: Registry) {
    this.histogram = new Histogram({
      name: 'spool_invocation_duration_seconds',
      help: 'Time from the acceptance of a run of a function to its end, by function, lane and status',
      labelNames: ['function', 'lane', 'status'] as const,
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600],
      registers: [registry],
    });
  }

  observe({ function: name, lane, status, ms }: EndedInvocation): void {
    const key = `${name}\n${lane}\n${status}`;
    let child = this.children.get(key);
    if (!child) {
      if (this.functions.size < MAX_FUNCTIONS) this.functions.add(name);
      const shown = this.functions.has(name) ? name : OTHERS;
      child = this.histogram.labels({ function: shown, lane, status });
      if (shown === name) this.children.set(key, child);
    }
    child.observe(Math.max(0, ms) / 1_000);
  }
}
