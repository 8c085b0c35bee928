import { ExecutionsService } from '@app/engine';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { sendValue } from '../shell/send-value.js';

const eventId = z.coerce.number().int().min(1).max(2_147_483_647);
const detailName = z.string().regex(/^[A-Za-z]{1,64}$/, 'must be the name of a detail');

/** Values by themselves: those of more than 256 KiB are left out of lists and of the history. */
@Controller('v1/executions')
export class ExecutionValuesController {
  constructor(private readonly executions: ExecutionsService) {}

  @Get(':id/input')
  @Operation({ summary: "An execution's input alone", answer: z.json() })
  async input(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendValue(reply, (await this.executions.get(namespace, id)).input);
  }

  @Get(':id/output')
  @Operation({ summary: "An execution's output alone; null if it has none", answer: z.json() })
  async output(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendValue(reply, (await this.executions.get(namespace, id)).output ?? null);
  }

  @Get(':id/history/:event/:detail')
  @Operation({ summary: 'One detail of an event of the history, such as its input, alone', answer: z.json() })
  async detail(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Param('event', { schema: eventId }) event: number,
    @Param('detail', { schema: detailName }) name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendValue(reply, await this.executions.getDetail(namespace, id, { event, name }));
  }
}
