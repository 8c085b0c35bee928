import { ExecutionsService, InvocationsService, type WebhookTaken, WebhooksService } from '@app/engine';
import { Controller, Get, Param, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { apiKeyOf } from '../shell/access.hook.js';
import { Held, type HeldCall } from '../shell/caller.decorator.js';

const accepted = z
  .object({
    event: z.string(),
    started: z.object({ targetKind: z.enum(['workflow', 'function']), targetId: z.string() }).optional(),
  })
  .meta({ id: 'WebhookAccepted', description: 'The id of the event, and what it started' });

const DESCRIBED = {
  summary: 'Calls the webhook trigger of this path',
  description:
    'When it is answered, the request is stored with what it starts. A signed request counts once, however often it is sent.',
  answer: accepted,
  status: 202,
};

interface Ended {
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}
const OPEN = new Set(['QUEUED', 'RUNNING', 'PUBLISHING']);

/** Where webhook triggers are called. Who may is what each trigger says. */
@Controller('hooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly executions: ExecutionsService,
    private readonly invocations: InvocationsService,
  ) {}

  @Post(':namespace/*')
  @Operation(DESCRIBED)
  async post(@Param('namespace') namespace: string, @Req() request: FastifyRequest, @Held() held: HeldCall) {
    return this.call(namespace, request, held);
  }

  @Put(':namespace/*')
  @Operation(DESCRIBED)
  async put(@Param('namespace') namespace: string, @Req() request: FastifyRequest, @Held() held: HeldCall) {
    return this.call(namespace, request, held);
  }

  @Get(':namespace/*')
  @Operation(DESCRIBED)
  async get(@Param('namespace') namespace: string, @Req() request: FastifyRequest, @Held() held: HeldCall) {
    return this.call(namespace, request, held);
  }

  private async call(namespace: string, request: FastifyRequest, { reply, signal }: HeldCall): Promise<unknown> {
    const taken = await this.webhooks.receive(namespace, {
      method: request.method,
      path: (request.params as Record<string, string>)['*'] ?? '',
      query: Object.fromEntries(Object.entries(request.query as object).map(([name, value]) => [name, String(value)])),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      apiKey: apiKeyOf(request),
    });
    const ended = taken.trigger.source.answer === 'result' ? await this.wait(taken, signal) : undefined;
    if (!ended || OPEN.has(ended.status)) {
      const { started } = taken;
      if (started) void reply.header('Location', placeOf(started));
      return {
        event: taken.eventId,
        ...(started && { started: { targetKind: started.targetKind, targetId: started.targetId } }),
      };
    }
    if (ended.status === 'SUCCEEDED') {
      void reply.code(200);
      return ended.output ?? null;
    }
    void reply.code(502);
    return { status: ended.status, error: ended.error ?? '', cause: ended.cause ?? '' };
  }

  private async wait({ trigger, started }: WebhookTaken, signal: AbortSignal): Promise<Ended | undefined> {
    if (!started) return undefined;
    const waitMs = trigger.source.waitSeconds * 1_000;
    const service = started.targetKind === 'workflow' ? this.executions : this.invocations;
    return service.wait(trigger.namespace, started.targetId, waitMs, signal);
  }
}

const placeOf = ({ targetKind, targetId }: { targetKind: string; targetId: string }): string =>
  `/v1/${targetKind === 'workflow' ? 'executions' : 'invocations'}/${targetId}`;
