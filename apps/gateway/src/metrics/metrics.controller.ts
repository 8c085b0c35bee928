import { Controller, Get, Header } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { MetricsService } from './metrics.service.js';

const FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @Header('Content-Type', FORMAT)
  @Operation({ summary: 'Measurements for Prometheus', answer: z.string(), contentType: 'text/plain' })
  read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
