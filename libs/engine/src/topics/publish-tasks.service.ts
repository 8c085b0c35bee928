import { createHash } from 'node:crypto';
import { MessageTooLarge } from '@app/event-bus';
import { HOPS_HEADER, PATH_HEADER } from '@app/events';
import { type Task, TaskQueueRepository } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import { partsOfMessage } from '../executions/message-attributes.js';
import { LineageRepository } from '../lineage/lineage.repository.js';
import { sdkAnswer } from '../tasks/sdk-answer.js';
import { TaskCompletionService } from '../tasks/task-completion.service.js';
import { TopicsService } from './topics.service.js';

const LEASE_SECONDS = 30;
/** `topic:spool.dead-letters` is no topic: what a state sends there lies with the dead letters, for people. */
const DEAD_LETTERS = 'spool.dead-letters';

/**
 * The outbox of workflows: a `topic:` state leaves a task in the transaction that decided it, and a router sends the
 * message afterwards. At least once: a crash between the sending and its record sends the message again.
 */
@Injectable()
export class PublishTasksService {
  constructor(
    private readonly queue: TaskQueueRepository,
    private readonly letters: DeadLetterRepository,
    private readonly topics: TopicsService,
    private readonly completion: TaskCompletionService,
    private readonly lineage: LineageRepository,
  ) {}

  async publishDue(limit: number): Promise<number> {
    const due = await this.queue.claim({
      kind: 'publish',
      labels: [],
      limit,
      memoryMb: 0,
      vcpu: 0,
      leaseSeconds: LEASE_SECONDS,
    });
    for (const task of due) await this.publishOrFail(await this.completion.whole(task));
    return due.length;
  }

  /** A message that the bus will never take is the failure of its state. */
  private async publishOrFail(task: Task): Promise<void> {
    try {
      await this.publish(task);
    } catch (error) {
      if (!(error instanceof MessageTooLarge)) throw error;
      const failure = { error: 'States.DataLimitExceeded', cause: error.message };
      await this.completion.whileHeld(task, (held) => this.completion.fail(held, failure, { status: 'FAILED' }));
    }
  }

  private async publish(task: Task): Promise<void> {
    if (task.resource === DEAD_LETTERS) return this.bury(task);
    const { value, key, headers: given } = messageOf(task);
    const executionId = task.waiter?.executionId;
    const { hops, path } = await this.lineage.next({ taskId: task.id, executionId });
    const headers = {
      ...given,
      'spool-task': task.id,
      ...(executionId && { 'spool-execution': executionId }),
      [HOPS_HEADER]: String(hops),
      [PATH_HEADER]: path,
    };
    const [position] = await this.topics.publish(task.namespace, task.resource, [
      { value, headers, ...(key !== undefined && { key }) },
    ]);
    const { partition, offset } = position ?? { partition: 0, offset: '' };
    const output = answerOf(task, value, { topic: task.resource, partition, offset });
    await this.completion.whileHeld(task, (held) => this.completion.succeed(held, output));
  }

  /** Once: the letter is written together with the task's end. */
  private async bury(task: Task): Promise<void> {
    const { Error: error, Cause: cause, ...payload } = partsOf(task.payload as Json);
    const executionId = task.waiter?.executionId;
    const letter = {
      kind: 'execution',
      payload: { ...payload, ...(executionId && { executionId }) },
      error: textOf(error, 'States.TaskFailed'),
      cause: textOf(cause, ''),
    };
    await this.completion.whileHeld(task, async (held) => {
      await this.letters.insert(task.namespace, letter);
      await this.completion.succeed(held, null);
    });
  }
}

const partsOf = (payload: Json): JsonObject =>
  payload !== null && typeof payload === 'object' && !Array.isArray(payload) ? (payload as JsonObject) : { payload };

function textOf(value: Json | undefined, absent: string): string {
  if (value === undefined || value === null) return absent;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Where the message stands; SNS and SQS have a name for that, and SQS tells what it was given. */
function answerOf({ id, resultShape }: Task, value: Buffer, { topic, partition, offset }: Position): Json {
  if (resultShape === 'plain' || resultShape === 'message') return { topic, partition, offset };
  const MessageId = `${topic}-${partition}-${offset}`;
  const MD5OfMessageBody = createHash('md5').update(value).digest('hex');
  return sdkAnswer(resultShape === 'sqs' ? { MD5OfMessageBody, MessageId } : { MessageId }, id);
}

/** SNS and SQS send texts as they are, and what a definition gives as JSON as the text of it. */
function messageOf({ payload, resultShape }: Task) {
  const { message, ...rest } = resultShape === 'plain' ? { message: payload as Json } : partsOfMessage(payload);
  const text = resultShape !== 'plain' && typeof message === 'string' ? message : JSON.stringify(message);
  return { value: Buffer.from(text), ...rest } as { value: Buffer; key?: string; headers?: Record<string, string> };
}
