import { type BucketPulse, LedgerFiguresRepository } from '@app/engine';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { MetricsService } from './metrics.service.js';

/** Whether the buckets that object triggers wait for are looked after. */
@Injectable()
export class BucketMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: MetricsService,
    private readonly ledger: LedgerFiguresRepository,
  ) {}

  onModuleInit(): void {
    const { registry } = this.metrics;
    const gauges = [
      this.gauge(
        'spool_bucket_sweep_age_seconds',
        'Since the last whole reading of the listing of a bucket',
        ({ sweepAgeSeconds }) => sweepAgeSeconds,
      ),
      this.gauge(
        'spool_bucket_healed',
        'Objects that sweeps have found and no notification had told of',
        ({ healed }) => healed,
      ),
      this.gauge(
        'spool_bucket_waiting',
        'Events of objects that triggers have not started for: it failed, or the object must settle',
        ({ waiting }) => waiting,
      ),
    ];
    for (const gauge of gauges) registry.registerMetric(gauge);
  }

  private gauge(name: string, help: string, valueOf: (pulse: BucketPulse) => number | null): Gauge {
    const read = () => this.ledger.listPulses();
    return new Gauge({
      name,
      help,
      labelNames: ['namespace', 'bucket'],
      registers: [],
      async collect() {
        const pulses = await read();
        this.reset();
        for (const pulse of pulses) {
          const value = valueOf(pulse);
          if (value !== null) this.set({ namespace: pulse.namespace, bucket: pulse.bucket }, value);
        }
      },
    });
  }
}
