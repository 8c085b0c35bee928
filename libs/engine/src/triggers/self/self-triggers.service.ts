import { InvalidRequest } from '@app/common';
import { changeOf, type ObjectSource, objectEvent } from '@app/events';
import type { Json, StateMachine } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { FunctionsService } from '../../functions/functions.service.js';
import { objectReferences } from '../../functions/object-references.js';
import { LATEST } from '../../workflows/qualifier.js';
import { WorkflowsService } from '../../workflows/workflows.service.js';
import type { CheckedTrigger, TriggerTarget } from '../new-trigger.js';
import type { TriggerWarning } from '../trigger.js';
import { callsOf } from './calls.js';
import { feeds, sampleKeys, type Write } from './feeds.js';
import { fillKnown, UNKNOWN } from './unknown.js';

/** Workflows that start workflows are followed so far. */
const MAX_DEPTH = 4;
const MAX_WARNINGS = 20;

interface Started {
  readonly namespace: string;
  readonly depth: number;
  /** A definition that is to be deployed: what its name will stand for. */
  readonly deploying?: NewDefinition | undefined;
  /** Calls it when that is one of those that are started. */
  readonly onReached?: () => void;
}

export interface NewDefinition {
  readonly name: string;
  readonly definition: StateMachine;
}

type Judged = Pick<
  Extract<CheckedTrigger, { kind: 'object' }>,
  'source' | 'pattern' | 'input' | 'queryLanguage' | 'target'
>;

/**
 * Finds triggers that would start themselves: what they start writes to where they listen. Values are followed from
 * the event through templates, states and the outputs that functions declare, as far as they are known beforehand.
 */
@Injectable()
export class SelfTriggersService {
  constructor(
    private readonly functions: FunctionsService,
    private readonly workflows: WorkflowsService,
  ) {}

  /** Refuses a trigger that surely feeds itself, and warns of what cannot be decided. */
  async check(namespace: string, trigger: CheckedTrigger): Promise<TriggerWarning[]> {
    if (trigger.kind !== 'object' || !hearsOfWrites(trigger.source) || trigger.source.allowSelfTrigger) return [];
    const { sure, unsure } = await this.findingsOf(trigger, { namespace, depth: 0 });
    if (sure) throw new InvalidRequest([{ pointer: '/source', message: refusal(sure) }]);
    return [...new Set(unsure.map(warning))].slice(0, MAX_WARNINGS).map((message) => ({ pointer: '/source', message }));
  }

  /** The same of a trigger that is there, if it starts the workflow that is to be deployed, directly or not. */
  async findingsBehind(namespace: string, trigger: Judged, deploying: NewDefinition): Promise<Findings> {
    if (!hearsOfWrites(trigger.source) || trigger.source.allowSelfTrigger) return NOTHING;
    let isReached = false;
    const onReached = (): void => void (isReached = true);
    const found = await this.findingsOf(trigger, { namespace, depth: 0, deploying, onReached });
    return isReached ? found : NOTHING;
  }

  private async findingsOf(trigger: Judged, started: Started): Promise<Findings> {
    const unsure: Write[] = [];
    for (const input of samplesOf(trigger)) {
      for (const write of await this.writesOf(trigger.target, input, started)) {
        const found = feeds(trigger.source, trigger.pattern, write);
        if (found === 'surely') return { sure: write, unsure };
        if (found === 'perhaps') unsure.push(write);
      }
    }
    return { unsure };
  }

  private async writesOf(target: TriggerTarget, input: Json, started: Started): Promise<Write[]> {
    if ('workflow' in target) return this.writesOfWorkflow(target.workflow, input, started);
    return this.writesOfFunction(target.function, undefined, input, started);
  }

  private async writesOfFunction(
    name: string,
    qualifier: string | undefined,
    payload: Json,
    { namespace }: Started,
  ): Promise<Write[]> {
    const by = `the function ${name}`;
    const found = name.includes(UNKNOWN) ? undefined : await this.functions.resolve(namespace, name, qualifier);
    if (!found || Object.keys(found.config.outputs).length === 0) return [];
    const references = objectReferences({ outputs: found.config.outputs }, payload);
    // What is not even an object reference as far as it is known may be anything.
    if ('error' in references) return [{ by, bucket: UNKNOWN, key: UNKNOWN }];
    return references.outputs.map(({ bucket, key }) => ({ by, bucket, key }));
  }

  private async writesOfWorkflow(name: string, input: Json, started: Started): Promise<Write[]> {
    const { namespace, depth, deploying } = started;
    if (depth > MAX_DEPTH || name.includes(UNKNOWN)) return [];
    const [plain = '', qualifier] = name.split(':');
    const isDeployed = deploying?.name === plain && (qualifier === undefined || qualifier === LATEST);
    if (isDeployed) started.onReached?.();
    const found = isDeployed ? deploying : await this.workflows.resolve(namespace, plain, qualifier);
    return found ? this.writesOfMachine(plain, found.definition, input, { ...started, depth: depth + 1 }) : [];
  }

  private async writesOfMachine(
    workflow: string,
    definition: StateMachine,
    input: Json,
    started: Started,
  ): Promise<Write[]> {
    const writes: Write[] = [];
    for (const { state, resource } of callsOf(definition, input)) {
      const found = await this.writesOfCall(resource, started);
      writes.push(...found.map((write) => ({ ...write, by: `the state "${state}" of ${workflow}` })));
    }
    return writes;
  }

  private async writesOfCall(resource: ReturnType<typeof callsOf>[number]['resource'], started: Started) {
    switch (resource.kind) {
      case 'function':
        return this.writesOfFunction(resource.name, resource.qualifier, resource.payload, started);
      case 'workflow': {
        const name = resource.qualifier ? `${resource.name}:${resource.qualifier}` : resource.name;
        return this.writesOfWorkflow(name, resource.input, started);
      }
      case 'object': {
        const { Bucket: bucket, Key: key } = resource.parameters;
        const isWrite = resource.action === 'putObject' || resource.action === 'copyObject';
        return isWrite ? [{ by: '', bucket: textOf(bucket), key: textOf(key) }] : [];
      }
      default:
        return [];
    }
  }
}

/** What a trigger's target writes to where the trigger listens: for sure, or as far as one can tell. */
export interface Findings {
  readonly sure?: Write;
  readonly unsure: readonly Write[];
}
const NOTHING: Findings = { unsure: [] };

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : UNKNOWN);

const hearsOfWrites = ({ events }: ObjectSource): boolean =>
  events.some((event) => event === 'created' || changeOf(event) === 'created');

/** What the target is given for events that the trigger takes. */
function samplesOf({ source, input, queryLanguage = 'JSONPath' }: Judged): Json[] {
  return sampleKeys(source).map((key) => {
    const facts = { etag: UNKNOWN, versionId: UNKNOWN, sequencer: UNKNOWN, size: 1, contentType: UNKNOWN };
    const told = { eventName: 'ObjectCreated:Put', bucket: source.bucket, key, eventTime: new Date(0), ...facts };
    const event = objectEvent(told) as unknown as Json;
    if (input === undefined) return event;
    return fillKnown(input, { input: event, executionInput: event, language: queryLanguage });
  });
}

export const shown = ({ bucket, key }: Write): string => `s3://${bucket}/${key}`.replaceAll(UNKNOWN, '…');
const refusal = (write: Write): string =>
  `is where ${write.by} writes ${shown(write)}: the trigger would start itself again and again. ` +
  'Listen elsewhere, for example under another prefix, or set "allowSelfTrigger": true';
const warning = (write: Write): string =>
  `may be where ${write.by} writes ${shown(write)}: then the trigger would start itself again and again`;
