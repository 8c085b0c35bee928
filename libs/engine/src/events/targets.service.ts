import type { CloudEvent } from '@app/events';
import type { Failure, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AsynchronousCallsService } from '../asynchronous/asynchronous-calls.service.js';
import { ExecutionsService } from '../executions/executions.service.js';
import { InvocationsService } from '../invocations/invocations.service.js';
import { TopicQueueService } from '../topics/topic-queue.service.js';
import { worksOff } from '../topics/topic-trigger.js';
import { transformed } from '../triggers/transformation.js';
import type { Trigger } from '../triggers/trigger.js';
import type { EventStart } from './event.repository.js';

/** Starts what a trigger aims at. */
@Injectable()
export class TargetsService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly invocations: InvocationsService,
    private readonly calls: AsynchronousCallsService,
    private readonly queue: TopicQueueService,
  ) {}

  /** Lets the event wait for its turn, if its trigger works events off one after the other. False if it does not. */
  async enqueue(trigger: Trigger, event: CloudEvent<unknown>): Promise<boolean> {
    if (trigger.kind !== 'topic' || !worksOff(trigger)) return false;
    await this.queue.add(trigger, [event]);
    return true;
  }

  /** What the target gave, however large it is. */
  async outputOf(namespace: string, { targetKind, targetId }: Omit<EventStart, 'trigger'>): Promise<Json> {
    if (targetKind === 'workflow') return (await this.executions.get(namespace, targetId)).output ?? null;
    return ((await this.invocations.get(namespace, targetId)).output ?? null) as Json;
  }

  /** Ends what was started, if it still runs. */
  async stop(
    namespace: string,
    { targetKind, targetId }: Omit<EventStart, 'trigger'>,
    failure: Failure,
  ): Promise<void> {
    if (targetKind === 'workflow') await this.executions.stop(namespace, targetId, failure);
    else await this.invocations.cancel(namespace, targetId);
  }

  /** `payload` is what the target gets, or its input is made of: the event, if nothing else is said. */
  async start(
    trigger: Trigger,
    event: CloudEvent<unknown>,
    payload: unknown = event,
  ): Promise<Omit<EventStart, 'trigger'>> {
    const { namespace, target } = trigger;
    const wanted = wantedBy(trigger, event, payload);
    if ('workflow' in target) {
      const { id } = await this.executions.start(namespace, target.workflow, wanted);
      return { targetKind: 'workflow', targetId: id };
    }
    const { input } = wanted;
    // A topic's messages are tried again by their trigger, in their order; all else is run again as any asynchronous call.
    const { id } =
      trigger.kind === 'topic'
        ? await this.invocations.invoke(namespace, target.function, { input })
        : await this.calls.invoke(namespace, target.function, { input, triggerId: trigger.id });
    return { targetKind: 'function', targetId: id };
  }

  /** Of several triggers that aim at one workflow and name no execution: all are started, or it fails. Their ids. */
  async startTogether(
    each: readonly { readonly trigger: Trigger; readonly event: CloudEvent<unknown> }[],
  ): Promise<string[]> {
    const [first] = each;
    if (!first) return [];
    const { namespace, target } = first.trigger;
    if (!('workflow' in target)) throw new Error('Only workflows are started together');
    const wanted = each.map(({ trigger, event }) => wantedBy(trigger, event, event));
    return (await this.executions.startAll(namespace, target.workflow, wanted)).map(({ id }) => id);
  }

  /** As `start`, of many events together: all are started, or it fails. */
  async startAll(trigger: Trigger, events: readonly CloudEvent<unknown>[]): Promise<Omit<EventStart, 'trigger'>[]> {
    const { namespace, target } = trigger;
    // Of a name there may be an execution already, so each is started by itself.
    if ('workflow' in target && trigger.executionName === undefined) {
      const wanted = events.map((event) => wantedBy(trigger, event, event));
      const started = await this.executions.startAll(namespace, target.workflow, wanted);
      return started.map(({ id }) => ({ targetKind: 'workflow', targetId: id }));
    }
    const started: Omit<EventStart, 'trigger'>[] = [];
    for (const event of events) started.push(await this.start(trigger, event));
    return started;
  }
}

/** What is started, of whatever the payload is made. */
function wantedBy(trigger: Trigger, { source: eventSource, id: eventId }: CloudEvent<unknown>, payload: unknown) {
  const { input, executionName: name } = transformed(trigger, payload as Json);
  const startedBy = { triggerId: trigger.id, eventSource, eventId };
  return { input, startedBy, ...(name !== undefined && { name }) };
}
