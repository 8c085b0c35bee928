import type { NewTask } from '@app/queue';
import type { Command, Failure } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ActivitiesService } from '../activities/activities.service.js';
import { FunctionsService } from '../functions/functions.service.js';
import { objectReferences, placedBy } from '../functions/object-references.js';
import { requirementsOf } from '../placement/requirements.js';
import { tokenHash } from '../task-tokens/token.js';
import type { Execution } from './execution.js';
import { parseResource, type Resource } from './resource.js';

type RunTask = Extract<Command, { type: 'RunTask' }>;
type Of<Kind extends Resource['kind']> = Extract<Resource, { kind: Kind }>;
type Common = Pick<NewTask, 'id' | 'namespace' | 'waiter' | 'stateName' | 'heartbeatSeconds' | 'tokenHash'>;

/** AWS's default, three years: the timeout of the state, if it has one, is a timer of the execution. */
const NO_TIMEOUT_SECONDS = 99_999_999;
/** What a router does needs no executor, and lasts through an hour of its helpers' absence (leases of 30 s). */
const BY_ROUTER = { labels: [], memoryMb: 0, vcpu: 0, timeoutSeconds: NO_TIMEOUT_SECONDS, maxAttempts: 120 };

/** Turns what a Task state asks for into a task of the queue, or into the failure that the state sees. */
@Injectable()
export class TaskDispatchService {
  constructor(
    private readonly functions: FunctionsService,
    private readonly activities: ActivitiesService,
  ) {}

  async taskFor(execution: Execution, frameId: number, command: RunTask): Promise<NewTask | Failure> {
    const resource = parseResource(command.resource, command.input);
    if ('error' in resource) return resource;
    const { token, heartbeatSeconds, stateName, step } = command;
    const common = {
      id: uuid(),
      namespace: execution.namespace,
      waiter: { executionId: execution.id, frameId, step },
      stateName,
      heartbeatSeconds: heartbeatSeconds || undefined,
      tokenHash: token ? tokenHash(token) : undefined,
    };
    switch (resource.kind) {
      case 'function':
        return this.functionTask(common, resource, command);
      case 'activity':
        return this.activityTask(common, resource, command.resource);
      case 'topic':
        return {
          ...common,
          ...BY_ROUTER,
          kind: 'publish',
          resource: resource.topic,
          payload: resource.payload,
          resultShape: resource.shape,
        };
      case 'workflow':
        return workflowTask(common, resource);
      case 'object':
        return { ...common, ...BY_ROUTER, kind: 'object', resource: resource.action, payload: resource.parameters };
    }
  }

  private async activityTask(
    common: Common,
    { name, payload }: Of<'activity'>,
    written: string,
  ): Promise<NewTask | Failure> {
    if (!(await this.activities.exists(common.namespace, name))) {
      return { error: 'States.Runtime', cause: `The activity ${written} does not exist.` };
    }
    const none = { labels: [], memoryMb: 0, vcpu: 0, timeoutSeconds: NO_TIMEOUT_SECONDS };
    return { ...common, ...none, kind: 'activity', resource: name, payload };
  }

  private async functionTask(common: Common, resource: Of<'function'>, command: RunTask): Promise<NewTask | Failure> {
    const version = await this.functions.resolve(common.namespace, resource.name, resource.qualifier);
    if (!version) return missing(resource, common.id);
    const { config } = version;
    const references = objectReferences(config, resource.payload);
    if ('error' in references) return references;
    const timeoutSeconds = Math.min(config.timeoutSeconds, command.timeoutSeconds ?? Infinity);
    const { id, namespace, waiter, stateName, heartbeatSeconds, tokenHash: token } = common;
    const { labels, memoryMb, vcpu, needs } = requirementsOf(config);
    // Field by field, the lease that it may get included: see `leasedTask`.
    return {
      id,
      namespace,
      kind: 'function',
      waiter,
      stateName,
      resource: resource.name,
      functionVersionId: version.id,
      payload: resource.payload,
      resultShape: resource.shape,
      labels,
      memoryMb,
      vcpu,
      needs,
      inputKey: placedBy(references),
      timeoutSeconds,
      tokenHash: token,
      heartbeatSeconds,
      skipCache: resource.skipCache,
      clientContext: resource.clientContext,
      lease: undefined,
    };
  }
}

/** The Lambda integration fails with Lambda's error. */
function missing({ name, qualifier, shape }: Of<'function'>, requestId: string): Failure {
  if (shape === 'plain') {
    const which = qualifier ? ` with the qualifier ${qualifier}` : '';
    return { error: 'Function.NotFound', cause: `There is no function ${name}${which}` };
  }
  const details = `Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ${requestId}; Proxy: null`;
  const cause = `Function not found: ${name}${qualifier ? `:${qualifier}` : ''} (Service: AWSLambda; ${details})`;
  return { error: 'Lambda.ResourceNotFoundException', cause };
}

function workflowTask(common: Common, { name, qualifier, input, executionName, shape }: Of<'workflow'>): NewTask {
  const payload = { input, ...(qualifier && { qualifier }), ...(executionName && { name: executionName }) };
  return { ...common, ...BY_ROUTER, kind: 'workflow', resource: name, payload, resultShape: shape };
}
