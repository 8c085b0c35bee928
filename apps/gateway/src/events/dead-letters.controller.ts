import { type DeadLetter, DeadLettersService, ReplaysService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { leftOut } from '../executions/large-value.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { fromCursor, toPage } from '../shell/pages.js';
import {
  deadLetter,
  deadLetterPage,
  type DeadLetterQuery,
  deadLetterQuery,
  redriveAll,
  type RedriveAll,
  redriven,
  redrivenCount,
  replay,
  type Replay,
  replayed,
} from './dead-letters.dto.js';

@Controller('v1')
export class DeadLettersController {
  constructor(
    private readonly letters: DeadLettersService,
    private readonly replays: ReplaysService,
  ) {}

  @Get('dead-letters')
  @Operation({ summary: 'Lists what could not be handled, newest first', answer: deadLetterPage })
  async list(
    @Namespace() namespace: string,
    @Query({ schema: deadLetterQuery }) { limit, cursor, trigger }: DeadLetterQuery,
  ) {
    const found = await this.letters.list(namespace, { limit, trigger, before: fromCursor(cursor) });
    return toPage(found, { limit, view: toListed, placeOf: ({ createdAt: at, id }) => ({ at, id }) });
  }

  @Post('dead-letters/redrive')
  @Operation({ summary: 'Gives the dead letters of a trigger to it again, the oldest first', answer: redrivenCount })
  async redriveAll(@Namespace() namespace: string, @Body({ schema: redriveAll }) { trigger, limit }: RedriveAll) {
    return { redriven: await this.letters.redriveAll(namespace, trigger, limit) };
  }

  @Get('dead-letters/:id')
  @Operation({ summary: 'Shows a dead letter', answer: deadLetter })
  async get(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    return toView(await this.letters.get(namespace, id));
  }

  @Post('dead-letters/:id/redrive')
  @Operation({ summary: 'Gives an event to its trigger again, as the trigger is now', answer: redriven })
  async redrive(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    const started = await this.letters.redrive(namespace, id);
    return started ? { started } : {};
  }

  @Delete('dead-letters/:id')
  @Operation({ summary: 'Throws a dead letter away', status: 204 })
  async delete(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string): Promise<void> {
    await this.letters.delete(namespace, id);
  }

  @Post('events/replay')
  @Operation({
    summary: 'Gives an event that came to one trigger or to all that match, as a new event',
    answer: replayed,
  })
  async replay(@Namespace() namespace: string, @Body({ schema: replay }) { source, id, trigger }: Replay) {
    return this.replays.replay(namespace, source, id, trigger);
  }
}

/** In a list, without what is large. */
function toListed(letter: DeadLetter) {
  const [large] = Object.values(letter.refs ?? {});
  const payloadDetails = large && leftOut(large.bytes, `/v1/dead-letters/${letter.id}`);
  return { ...toView(letter), ...(payloadDetails && { payloadDetails }) };
}

const toView = ({ id, kind, payload, error, cause, attempts, createdAt, redrivenAt }: DeadLetter) => ({
  id,
  kind,
  payload,
  error,
  cause,
  attempts,
  createdAt: createdAt.toISOString(),
  redrivenAt: redrivenAt?.toISOString() ?? null,
});
