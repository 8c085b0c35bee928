import type { Json } from './values.js';

export interface DeployedFunction {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly vcpu: number;
  readonly labels?: readonly string[];
  readonly description?: string;
  readonly eventSchema?: Json;
  readonly resultSchema?: Json;
}

export interface CallDestination {
  readonly topic?: string;
  readonly function?: string;
  readonly workflow?: string;
}

/** Of asynchronous invocations of a function. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly retryIntervalSeconds: number;
  readonly maximumEventAgeSeconds: number;
  readonly deduplicationSeconds: number;
  readonly onSuccess?: CallDestination;
  readonly onFailure?: CallDestination;
}
