import { type CloudEvent, cloudEvent } from './cloud-event.js';
import type { Json } from './json.js';

/** What executions tell of themselves. */
export const EXECUTION_EVENTS = [
  'spool.execution.started',
  'spool.execution.succeeded',
  'spool.execution.failed',
  'spool.execution.timed_out',
  'spool.execution.aborted',
] as const;
export type ExecutionEventType = (typeof EXECUTION_EVENTS)[number];
export const EXECUTION_EVENT_PREFIX = 'spool.execution.';

export const executionSourceOf = (workflow: string): string => `/workflows/${workflow}`;

export interface ExecutionEventData {
  readonly executionId: string;
  readonly name: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly input?: Json;
  readonly output?: Json;
  /** Values that are too large to be told; the execution has them. */
  readonly omitted?: readonly string[];
  readonly error?: string;
  readonly cause?: string;
  /** How often it was redriven before. */
  readonly redriveCount: number;
}

/** Larger values stay with the execution: this is for matching and for telling people. */
const MAX_VALUE_CHARACTERS = 65_536;

/** The id is the same however often the event is told. */
export function executionEvent(
  type: ExecutionEventType,
  data: ExecutionEventData,
  time: string,
): CloudEvent<ExecutionEventData> {
  const { input, output, ...rest } = data;
  const values = Object.entries({ input, output }).filter(([, value]) => value !== undefined);
  const omitted = values.filter(isLarge).map(([name]) => name);
  return cloudEvent({
    id: `${data.executionId}/${type.slice(EXECUTION_EVENT_PREFIX.length)}/${data.redriveCount}`,
    source: executionSourceOf(data.workflow),
    type,
    subject: data.executionId,
    time,
    data: {
      ...rest,
      ...Object.fromEntries(values.filter((pair) => !isLarge(pair))),
      ...(omitted.length > 0 && { omitted }),
    },
  });
}

const isLarge = ([, value]: [string, unknown]): boolean => JSON.stringify(value).length > MAX_VALUE_CHARACTERS;
