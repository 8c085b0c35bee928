import { ExplanationsService } from '@app/engine';
import { explainPattern, readPattern, received } from '@app/events';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import {
  type ExplainRequest,
  explainRequest,
  explanation,
  type PatternTest,
  patternTest,
  type TriggerTest,
  triggerTest,
} from './explanations.dto.js';

@Controller('v1')
export class ExplanationsController {
  constructor(private readonly explanations: ExplanationsService) {}

  @Post('triggers/:name/explain')
  @Operation({
    summary: 'Says why an event matches a trigger or does not, rule by rule; nothing is started',
    answer: explanation,
  })
  async explain(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) trigger: string,
    @Body({ schema: explainRequest }) wanted: ExplainRequest,
  ) {
    if ('event' in wanted) return this.explanations.explain(namespace, trigger, received(wanted.event, new Date()));
    const { source, id } = wanted.stored;
    const { waits, ...explained } = await this.explanations.explainStored(namespace, trigger, source, id);
    return { ...explained, ...(waits && { waits: { ...waits, dueAt: waits.dueAt.toISOString() } }) };
  }

  @Post('triggers/test')
  @Operation({
    summary: 'Tries a trigger on an event: whether it matches, and what its target would be given; nothing is made',
    answer: explanation,
  })
  async try(@Namespace() namespace: string, @Body({ schema: triggerTest }) { trigger, event }: TriggerTest) {
    return this.explanations.test(namespace, trigger, received(event, new Date()));
  }

  @Post('event-patterns/test')
  @Operation({ summary: 'Tries an event pattern on an event', answer: explanation })
  test(@Body({ schema: patternTest }) { pattern, event }: PatternTest) {
    const rules = explainPattern(readPattern(pattern, ['pattern']).pattern, event);
    return { matched: rules.every(({ matched }) => matched), rules };
  }
}
