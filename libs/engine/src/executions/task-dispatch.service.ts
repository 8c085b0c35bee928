import type { NewTask } from '@app/queue';
import type { Command, Failure } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { FunctionsService } from '../functions/functions.service.js';
import { objectReferences } from '../functions/object-references.js';
import type { Execution } from './execution.js';
import { parseResource, type Resource } from './resource.js';

type RunTask = Extract<Command, { type: 'RunTask' }>;

/** A message has nothing to time out: a router sends it as soon as the bus takes it. */
const PUBLISH_TIMEOUT_SECONDS = 3_600;

/** Turns what a Task state asks for into a task of the queue, or into the failure that the state sees. */
@Injectable()
export class TaskDispatchService {
  constructor(private readonly functions: FunctionsService) {}

  async taskFor(execution: Execution, frameId: number, command: RunTask): Promise<NewTask | Failure> {
    const resource = parseResource(command.resource, command.input);
    if (!resource)
      return {
        error: 'States.Runtime',
        cause: `The resource ${command.resource} names nothing that can run with this input`,
      };
    const common = {
      id: uuid(),
      namespace: execution.namespace,
      waiter: { executionId: execution.id, frameId, step: command.step },
      stateName: command.stateName,
    };
    if (resource.kind === 'topic') {
      const none = { labels: [], memoryMb: 0, vcpu: 0, timeoutSeconds: PUBLISH_TIMEOUT_SECONDS };
      return { ...common, ...none, kind: 'publish', resource: resource.topic, payload: resource.payload };
    }
    return this.functionTask(common, resource, command);
  }

  private async functionTask(
    common: Pick<NewTask, 'id' | 'namespace' | 'waiter' | 'stateName'>,
    resource: Exclude<Resource, { kind: 'topic' }>,
    command: RunTask,
  ): Promise<NewTask | Failure> {
    const version = await this.functions.resolve(common.namespace, resource.name, resource.qualifier);
    if (!version) {
      const qualifier = resource.qualifier ? ` with the qualifier ${resource.qualifier}` : '';
      return { error: 'Function.NotFound', cause: `There is no function ${resource.name}${qualifier}` };
    }
    const { config } = version;
    const references = objectReferences(config, resource.payload);
    if ('error' in references) return references;
    return {
      ...common,
      kind: 'function',
      resource: resource.name,
      functionVersionId: version.id,
      payload: resource.payload,
      resultShape: resource.kind === 'lambda-invoke' ? 'lambda' : 'plain',
      labels: config.labels,
      memoryMb: config.memoryMb,
      vcpu: config.vcpu,
      timeoutSeconds: Math.min(config.timeoutSeconds, command.timeoutSeconds ?? Infinity),
    };
  }
}
