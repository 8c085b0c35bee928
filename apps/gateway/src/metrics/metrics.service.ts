import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CachedResultsService, InvocationMeter } from '@app/engine';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { InvocationLatency } from './invocation-latency.js';
import { MetricsRepository } from './metrics.repository.js';

/** Held open on purpose: their length says nothing about us. */
const LONG_LIVED = new Set([
  '/v1/executions/:id/events',
  '/v1/executors/events',
  '/v1/instances/events',
  '/v1/invocations/:id/logs/events',
  '/worker/v1/executors/:id/poll',
]);

interface Measured {
  readonly value: number;
  readonly labels: Record<string, string>;
}

@Injectable()
export class MetricsService implements OnModuleInit {
  readonly registry = new Registry();

  private readonly latency = new Histogram({
    name: 'spool_http_request_duration_seconds',
    help: 'Time from request to answer, by route',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  /** prom-client makes a text of the labels for each look-up; here it is made once. */
  private readonly children = new Map<string, { observe(seconds: number): void }>();
  private readonly invocations = new InvocationLatency(this.registry);

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly repository: MetricsRepository,
    private readonly cached: CachedResultsService,
    private readonly meter: InvocationMeter,
  ) {}

  /** A request that was answered past the framework. */
  observe(method: string, route: string, status: number, ms: number): void {
    const key = `${method} ${route} ${status}`;
    let child = this.children.get(key);
    if (!child) this.children.set(key, (child = this.latency.labels({ method, route, status: String(status) })));
    child.observe(ms / 1_000);
  }

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
    this.meter.onEnded = (ended) => this.invocations.observe(ended);
    this.addGauges();
    this.registry.registerMetric(this.resultCache());
    const fastify = this.host.httpAdapter.getInstance();
    fastify.addHook('onResponse', async (request, reply) => {
      const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
      if (LONG_LIVED.has(route)) return;
      this.latency.observe(
        { method: request.method, route, status: String(reply.statusCode) },
        reply.elapsedTime / 1_000,
      );
    });
  }

  private addGauges(): void {
    this.gauge('spool_queue_depth', 'Tasks that are due and wait for an executor that has these labels', async () =>
      (await this.repository.listQueueDepths()).map(({ kind, labels, count }) => ({
        value: count,
        labels: { kind, labels },
      })),
    );
    this.gauge('spool_executions', 'Executions of workflows that run or did not succeed, by status', async () =>
      (await this.repository.countExecutions()).map(({ status, count }) => ({ value: count, labels: { status } })),
    );
    this.gauge('spool_tasks_running', 'Tasks that an executor holds', async () => [
      { value: await this.repository.countRunningTasks(), labels: {} },
    ]);
    this.gauge('spool_executors_seen', 'Executors heard of within the last minute', async () => [
      { value: await this.repository.countExecutors(), labels: {} },
    ]);
  }

  private resultCache(): Counter {
    const { counts } = this.cached;
    return new Counter({
      name: 'spool_result_cache_lookups_total',
      help: 'Tasks of deterministic functions: served (hit), run (miss), run because what was known is gone (stale), or put off while another does the same (wait)',
      labelNames: ['result'],
      registers: [],
      collect() {
        this.reset();
        for (const [result, count] of Object.entries(counts)) this.inc({ result }, count);
      },
    });
  }

  /** One that is read when it is asked for; what has gone since is no longer in it. */
  private gauge(name: string, help: string, read: () => Promise<Measured[]>): Gauge {
    return new Gauge({
      name,
      help,
      labelNames: ['kind', 'labels', 'status'],
      registers: [this.registry],
      async collect() {
        const measured = await read();
        this.reset();
        for (const { value, labels } of measured) this.set(labels, value);
      },
    });
  }
}
