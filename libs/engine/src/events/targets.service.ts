import type { CloudEvent } from '@app/events';
import { evaluatePayloadTemplate, type Failure, type Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { ExecutionsService } from '../executions/executions.service.js';
import { InvocationsService } from '../invocations/invocations.service.js';
import type { Trigger } from '../triggers/trigger.js';
import type { EventStart } from './event.repository.js';

/** Starts what a trigger aims at. */
@Injectable()
export class TargetsService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly invocations: InvocationsService,
  ) {}

  /** Ends what was started, if it still runs. */
  async stop(
    namespace: string,
    { targetKind, targetId }: Omit<EventStart, 'trigger'>,
    failure: Failure,
  ): Promise<void> {
    if (targetKind === 'workflow') await this.executions.stop(namespace, targetId, failure);
    else await this.invocations.cancel(namespace, targetId);
  }

  async start(trigger: Trigger, event: CloudEvent<unknown>): Promise<Omit<EventStart, 'trigger'>> {
    const { namespace, target } = trigger;
    const input =
      trigger.input === undefined
        ? (event as unknown as Json)
        : evaluatePayloadTemplate(trigger.input, event as unknown as Json);
    if ('workflow' in target) {
      const startedBy = { triggerId: trigger.id, eventSource: event.source, eventId: event.id };
      const { id } = await this.executions.start(namespace, target.workflow, { input, startedBy });
      return { targetKind: 'workflow', targetId: id };
    }
    const { id } = await this.invocations.invoke(namespace, target.function, { input });
    return { targetKind: 'function', targetId: id };
  }
}
