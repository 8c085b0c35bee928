import { type CloudEvent, cloudEvent } from './cloud-event.js';
import type { Json } from './json.js';
import { toldValues } from './told-values.js';

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

/** The id is the same however often the event is told. */
export function executionEvent(
  type: ExecutionEventType,
  { input, output, ...data }: ExecutionEventData,
  time: string,
): CloudEvent<ExecutionEventData> {
  return cloudEvent({
    id: `${data.executionId}/${type.slice(EXECUTION_EVENT_PREFIX.length)}/${data.redriveCount}`,
    source: executionSourceOf(data.workflow),
    type,
    subject: data.executionId,
    time,
    data: { ...data, ...toldValues({ input, output }) },
  });
}
