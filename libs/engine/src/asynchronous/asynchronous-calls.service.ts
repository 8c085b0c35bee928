import { InvalidRequest } from '@app/common';
import type { Task } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { FunctionsService } from '../functions/functions.service.js';
import { type Invoke, InvocationsService } from '../invocations/invocations.service.js';
import { AsynchronousCallRepository } from './asynchronous-call.repository.js';
import { AsynchronousEndings } from './asynchronous-endings.js';
import { type CallDestination, type EventInvokeConfig, eventInvokeConfig } from './event-invoke-config.js';
import { EventInvokeConfigRepository } from './event-invoke-config.repository.js';

const EXPIRED = {
  error: 'EventAgeExceeded',
  cause: 'It waited for longer than its maximum event age, and was not begun again',
} as const;

export interface InvokeLater extends Invoke {
  readonly dedupKey?: string | undefined;
  readonly triggerId?: string | undefined;
  readonly hops?: number;
}

/** Invocations that nobody waits for: kept until they have succeeded, or have failed as often as they may. */
@Injectable()
export class AsynchronousCallsService {
  constructor(
    private readonly functions: FunctionsService,
    private readonly configs: EventInvokeConfigRepository,
    private readonly calls: AsynchronousCallRepository,
    private readonly invocations: InvocationsService,
    private readonly endings: AsynchronousEndings,
  ) {}

  /** The invocation; the first one of its key, if there was one. */
  async invoke(namespace: string, name: string, wanted: InvokeLater): Promise<Task> {
    const version = await this.functions.resolve(namespace, name, wanted.qualifier);
    const config = version ? await this.find(namespace, version.id) : eventInvokeConfig.parse({});
    const { dedupKey: key, triggerId, hops = 0, ...invoke } = wanted;
    const dedup = key === undefined ? undefined : { key, seconds: config.deduplicationSeconds };
    return this.invocations.invoke(namespace, name, {
      ...invoke,
      asynchronous: {
        maxRetries: config.maximumRetryAttempts,
        retryIntervalSeconds: config.retryIntervalSeconds,
        maxAgeSeconds: config.maximumEventAgeSeconds,
        onSuccess: config.onSuccess,
        onFailure: config.onFailure,
        triggerId,
        hops,
        dedup,
      },
    });
  }

  /** Runs it again as if it had just come, whatever became of it. */
  async redrive(namespace: string, name: string, id: string, event: Json): Promise<Task> {
    const before = await this.invocations.get(namespace, id).catch(() => undefined);
    const input = before ? (before.payload as Json) : event;
    return this.invoke(namespace, name, { input, clientContext: before?.clientContext });
  }

  async getConfig(namespace: string, name: string): Promise<EventInvokeConfig> {
    return this.find(namespace, (await this.functions.get(namespace, name)).id);
  }

  async setConfig(namespace: string, name: string, config: EventInvokeConfig): Promise<void> {
    const { id } = await this.functions.get(namespace, name);
    await this.checkTarget(namespace, '/onSuccess', config.onSuccess);
    await this.checkTarget(namespace, '/onFailure', config.onFailure);
    await this.configs.save(namespace, id, config);
  }

  async resetConfig(namespace: string, name: string): Promise<void> {
    await this.configs.delete(namespace, (await this.functions.get(namespace, name)).id);
  }

  /** Ends those that have waited for too long. */
  async expireDue(limit: number): Promise<number> {
    await this.calls.forget(limit);
    return this.endings.expire(limit, EXPIRED);
  }

  private async find(namespace: string, versionId: string): Promise<EventInvokeConfig> {
    return (await this.configs.find(namespace, versionId)) ?? eventInvokeConfig.parse({});
  }

  private async checkTarget(namespace: string, pointer: string, target: CallDestination | undefined): Promise<void> {
    if (!target || 'topic' in target) return;
    const [kind, name] =
      'function' in target ? (['function', target.function] as const) : (['workflow', target.workflow] as const);
    if (await this.configs.hasTarget(namespace, kind, name)) return;
    throw new InvalidRequest([{ pointer: `${pointer}/${kind}`, message: `there is no ${kind} ${name}` }]);
  }
}
