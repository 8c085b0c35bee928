import type { Json, JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AsynchronousCallsService } from '../asynchronous/asynchronous-calls.service.js';
import type { CallDestination } from '../asynchronous/event-invoke-config.js';
import { DestinationTargets } from '../destinations/destination-targets.js';
import type { EventStart } from './event.repository.js';

/** Dead letters of asynchronous invocations, tried again. */
@Injectable()
export class DeadCalls {
  constructor(
    private readonly calls: AsynchronousCallsService,
    private readonly targets: DestinationTargets,
  ) {}

  /** Run again as if it had just come, as the function is configured now. */
  async invocation(namespace: string, payload: unknown): Promise<EventStart> {
    const letter = payload as { invocation: string; function: string; event: Json };
    const { id } = await this.calls.redrive(namespace, letter.function, letter.invocation, letter.event);
    return { trigger: '', targetKind: 'function', targetId: id };
  }

  /** The destination is told again. */
  async destination(namespace: string, payload: unknown): Promise<undefined> {
    const { target, record } = payload as { target: CallDestination; record: JsonObject };
    await this.targets.tell(namespace, target, record, 0);
  }
}
