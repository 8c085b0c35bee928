import type { JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AsynchronousCallsService } from '../asynchronous/asynchronous-calls.service.js';
import type { CallDestination } from '../asynchronous/event-invoke-config.js';
import { ExecutionsService } from '../executions/executions.service.js';
import { TopicsService } from '../topics/topics.service.js';

/** Starts, or sends to, what is to be told. */
@Injectable()
export class DestinationTargets {
  constructor(
    private readonly calls: AsynchronousCallsService,
    private readonly executions: ExecutionsService,
    private readonly topics: TopicsService,
  ) {}

  async tell(namespace: string, target: CallDestination, record: JsonObject, hops: number): Promise<void> {
    if ('function' in target) {
      await this.calls.invoke(namespace, target.function, { input: record, hops });
    } else if ('workflow' in target) {
      await this.executions.start(namespace, target.workflow, { input: record });
    } else {
      await this.topics.publish(namespace, target.topic, [{ value: Buffer.from(JSON.stringify(record)) }]);
    }
  }
}
