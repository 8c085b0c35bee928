import { TopicPlacesService } from '@app/engine';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { MetricsService } from './metrics.service.js';

/** The broker is asked for each trigger, so not for every scrape of every gateway. */
const FRESH_MS = 5_000;

type Lags = Awaited<ReturnType<TopicPlacesService['listLags']>>;

/** How far topic triggers are behind. */
@Injectable()
export class TopicMetrics implements OnModuleInit {
  private lags: { readonly at: number; readonly read: Promise<Lags> } | undefined;

  constructor(
    private readonly metrics: MetricsService,
    private readonly places: TopicPlacesService,
  ) {}

  onModuleInit(): void {
    const { registry } = this.metrics;
    registry.registerMetric(
      this.gauge('spool_topic_lag', 'Messages of its topic that a trigger has not read', ({ lag }) => lag),
    );
    registry.registerMetric(
      this.gauge('spool_topic_waiting', 'Messages that a trigger has read and not started', ({ waiting }) => waiting),
    );
  }

  private gauge(name: string, help: string, valueOf: (lag: Lags[number]) => number | undefined): Gauge {
    const read = () => this.read();
    return new Gauge({
      name,
      help,
      labelNames: ['namespace', 'trigger', 'topic'],
      registers: [],
      async collect() {
        const lags = await read();
        this.reset();
        for (const lag of lags) {
          const { namespace, trigger, topic } = lag;
          const value = valueOf(lag);
          // Of a bus that does not answer nothing is known, which is not zero.
          if (value !== undefined) this.set({ namespace, trigger, topic }, value);
        }
      },
    });
  }

  private read(): Promise<Lags> {
    if (!this.lags || Date.now() - this.lags.at > FRESH_MS)
      this.lags = { at: Date.now(), read: this.places.listLags().catch(() => []) };
    return this.lags.read;
  }
}
