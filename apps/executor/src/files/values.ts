import type { Assignment, TaskRef, TaskResult } from '@app/worker-api';
import { MAX_VALUE_BYTES } from '@app/worker-api';
import { Deadline } from '../gateway/deadline.js';
import type { GatewayClient } from '../gateway/gateway.client.js';
import { GatewayRefused } from '../gateway/gateway.errors.js';
import { retry } from '../gateway/retry.js';
import { AttemptLost, TaskFailed } from '../tasks/task-failed.js';

type Succeeded = Extract<TaskResult, { status: 'SUCCEEDED' }>;

const STALL_MS = 60_000;
const ATTEMPTS = 8;
const isWorthIt = (error: unknown): boolean => !(error instanceof GatewayRefused);

/** The task with its payload: a large one is fetched from the object store. */
export async function withPayload<Task extends Assignment>(task: Task, signal: AbortSignal): Promise<Task> {
  const { payloadUrl } = task;
  if (payloadUrl === undefined) return task;
  try {
    const payload = await retry({ attempts: ATTEMPTS, maxMs: 5_000, signal, isWorthIt: () => true }, () =>
      read(payloadUrl, signal),
    );
    return { ...task, payload };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new TaskFailed('Input.Unavailable', `The event cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function read(url: string, signal: AbortSignal): Promise<Assignment['payload']> {
  using deadline = new Deadline(STALL_MS, signal);
  const response = await fetch(url, { signal: deadline.signal });
  if (!response.ok) throw new Error(`the object store answered ${response.status}`);
  return (await response.json()) as Assignment['payload'];
}

export interface Told {
  readonly told: Pick<Succeeded, 'output' | 'stored'>;
  /** Of the result as JSON. */
  readonly bytes: number;
}

/** What is told of a result: itself, or where it was put if it is large. */
export async function toldOf(
  gateway: GatewayClient,
  { id, attempt }: TaskRef,
  output: Succeeded['output'],
  signal: AbortSignal,
): Promise<Told> {
  const text = JSON.stringify(output);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_VALUE_BYTES) return { told: { output }, bytes };
  try {
    const again = { attempts: ATTEMPTS, maxMs: 10_000, signal };
    const { object } = await retry({ ...again, isWorthIt }, () => gateway.openResult(id, { attempt, bytes }, signal));
    if (!object) return { told: { output: null, stored: { bytes } }, bytes };
    await retry({ ...again, isWorthIt: () => true }, () => put(object.url, text, signal));
    return { told: { output: null, stored: { bytes, key: object.key } }, bytes };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof GatewayRefused) throw new AttemptLost(error.message, {}, { cause: error });
    throw new TaskFailed('Output.NotStored', `The result cannot be stored: ${messageOf(error)}`, { cause: error });
  }
}

async function put(url: string, body: string, signal: AbortSignal): Promise<void> {
  using deadline = new Deadline(STALL_MS, signal);
  const response = await fetch(url, { method: 'PUT', body, signal: deadline.signal });
  const answer = await response.text();
  if (!response.ok) throw new Error(`the object store answered ${response.status}: ${answer.slice(0, 300)}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
