import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { type GatewaySettings, SETTINGS, VERSION } from '../settings.js';
import { Namespace } from '../shell/caller.decorator.js';

const systemView = z
  .object({
    version: z.string(),
    namespace: z.string().meta({ description: 'The namespace of the key' }),
    addresses: z.object({ api: z.url(), docs: z.url(), console: z.url() }),
    s3: z.object({ endpoint: z.url(), region: z.string() }),
  })
  .meta({ id: 'System' });

@Controller('v1/system')
export class SystemController {
  constructor(@Inject(SETTINGS) private readonly settings: GatewaySettings) {}

  @Get()
  @Operation({ summary: 'Says what answers here, and where the rest is', answer: systemView })
  get(@Namespace() namespace: string, @Req() request: FastifyRequest): z.infer<typeof systemView> {
    const base = `${request.protocol}://${request.host}`;
    const { publicEndpoint: endpoint, region } = this.settings.s3;
    const addresses = { api: `${base}/v1`, docs: `${base}/docs`, console: `${base}/console/` };
    return { version: VERSION, namespace, addresses, s3: { endpoint, region } };
  }
}
