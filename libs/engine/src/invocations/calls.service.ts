import { InvalidRequest, isStorable } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { FastCall, FastEnd, FastStatus } from '../fast-lane/call-record.js';
import { LanesService } from '../fast-lane/lanes.service.js';
import { type Known, whenKnown } from '../catalogue/name-cache.js';
import type { FunctionVersion } from '../functions/function-version.js';
import { FunctionsService } from '../functions/functions.service.js';
import { QuotasService } from '../placement/quotas.service.js';
import { requirementsOf } from '../placement/requirements.js';
import { InvocationMeter } from '../tasks/invocation-meter.js';
import { NOT_STORABLE } from './invocations.service.js';

/** Shorter waits are for those who want an id, which the queue gives. */
const MIN_WAIT_MS = 1_000;
/** Larger ones are put into the object store on their way through the queue. */
const MAX_EVENT_BYTES = 262_144;

export interface DirectCall {
  readonly namespace: string;
  readonly version: FunctionVersion;
  /** The event twice: as it came, and what it says. */
  readonly event: Buffer;
  readonly input: Json;
  readonly clientContext?: string | undefined;
  readonly waitMs: number;
}

/** Its output as the bytes that came. Open if it has not ended within the time. */
export interface CallAnswer extends Partial<Pick<FastEnd, 'output' | 'error' | 'cause'>> {
  readonly id: string;
  readonly status: FastStatus | 'QUEUED' | 'RUNNING' | 'PUBLISHING';
}

/**
 * Synchronous calls past the queue: at most once, and stored after the answer. What must survive everything, or moves
 * objects, goes through the queue.
 */
@Injectable()
export class CallsService {
  constructor(
    private readonly functions: FunctionsService,
    private readonly lanes: LanesService,
    private readonly meter: InvocationMeter,
    private readonly quotas: QuotasService,
  ) {}

  /** The version, if a call of it would be served at once as far as can be seen from here. */
  warmVersion(namespace: string, name: string, qualifier?: string): Known<FunctionVersion | undefined> {
    if (this.quotas.isLimited(namespace)) return undefined; // What runs is counted by the claim.
    return whenKnown(this.functions.resolve(namespace, name, qualifier), (version) =>
      version && isForLane(version) && this.lanes.isWarm(version.id, namespace) ? version : undefined,
    );
  }

  /** How it came out, or that it is queued now; undefined if nobody has begun it, and it is to go through the queue. */
  call({ namespace, version, event, input, clientContext, waitMs }: DirectCall): Known<CallAnswer | undefined> {
    if (waitMs < MIN_WAIT_MS || event.length > MAX_EVENT_BYTES) return undefined;
    if (event.includes('\\u') && !isStorable(input)) throw new InvalidRequest([NOT_STORABLE]);
    const id = uuid();
    const createdAt = performance.now();
    // One promise and one timer by hand, no chain of them for each of thousands of calls a second.
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.goesOn(id).then(resolve, reject), waitMs);
      this.lanes.call({ id, namespace, version, event, clientContext, createdAt }, (outcome) => {
        clearTimeout(timer);
        if (outcome === 'declined') resolve(undefined);
        else if (outcome === 'queued') resolve({ id, status: 'QUEUED' });
        else resolve(this.ended({ id, version, createdAt }, outcome));
      });
    });
  }

  private ended({ id, version, createdAt }: Pick<FastCall, 'id' | 'version' | 'createdAt'>, end: FastEnd): CallAnswer {
    const { status } = end;
    this.meter.onEnded({ function: version.functionName, lane: 'fast', status, ms: performance.now() - createdAt });
    const { usage: _, ...answer } = end;
    return { id, ...answer };
  }

  private async goesOn(id: string): Promise<CallAnswer> {
    await this.lanes.store(id);
    return { id, status: 'RUNNING' };
  }
}

/**
 * Objects are moved by tasks, a command's process is its task, and a kept result is found before a task is made. Devices
 * and limits are weighed by a claim.
 */
function isForLane({ config }: FunctionVersion): boolean {
  const { runtime, inputs, outputs, cache } = config;
  if (requirementsOf(config).needs) return false;
  return runtime !== 'command' && !cache && Object.keys(inputs).length === 0 && Object.keys(outputs).length === 0;
}
