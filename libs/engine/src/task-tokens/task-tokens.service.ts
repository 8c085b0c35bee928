import { type AppError, Database, isStorable, storableText } from '@app/common';
import { type Ending, type Task, TokenTaskRepository, type Waiter } from '@app/queue';
import { type Failure, type Happened, type Json, measure } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AdvanceService } from '../executions/advance.service.js';
import { ExecutionReader } from '../executions/execution.reader.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { happenings, type Outcome } from '../tasks/happenings.js';
import { InvalidOutput, InvalidToken, TaskTimedOut } from './task-tokens.errors.js';
import { tokenHash } from './token.js';

/** What somebody who has a token says of the task. */
export type TokenResult = { readonly token: string } & (
  | { readonly output: Json }
  | { readonly failure: Partial<Failure> }
);

/** Answers that are taken at the same time, each in a transaction and on a connection of its own. */
const LANES = 4;

interface Answer {
  readonly index: number;
  readonly task: Task;
  readonly waiter: Waiter;
  readonly outcome: Outcome;
}

/** The doors for whoever was handed a task with its token: it succeeded, it failed, it goes on. */
@Injectable()
export class TaskTokensService {
  constructor(
    private readonly database: Database,
    private readonly tasks: TokenTaskRepository,
    private readonly reader: ExecutionReader,
    private readonly advance: AdvanceService,
    private readonly payloads: PayloadsService,
  ) {}

  async settle(namespace: string, result: TokenResult): Promise<void> {
    const [refused] = await this.settleAll(namespace, [result]);
    if (refused) throw refused;
  }

  /** Takes each result on its own; gives back why it was refused, in their order. */
  async settleAll(namespace: string, results: readonly TokenResult[]): Promise<(AppError | undefined)[]> {
    const hashes = results.map(({ token }) => tokenHash(token));
    const byHash = new Map((await this.tasks.list(namespace, hashes)).map((task) => [task.tokenHash, task]));
    const refusals: (AppError | undefined)[] = results.map(() => undefined);
    const answers: Answer[] = [];
    const answered = new Set<string>();
    results.forEach((result, index) => {
      const task = byHash.get(hashes[index]);
      const outcome = outcomeOf(result, this.payloads.maxBytes);
      if (!task?.waiter) refusals[index] = new InvalidToken();
      else if ('code' in outcome) refusals[index] = outcome;
      // The first one counts, though the lanes below keep no order.
      else if (answered.has(task.id)) refusals[index] = new TaskTimedOut();
      else {
        answered.add(task.id);
        answers.push({ index, task, waiter: task.waiter, outcome });
      }
    });
    for (const { task, outcome } of answers)
      if (outcome.type !== 'Failed') await this.payloads.store(task.namespace, [outcome.output]);
    for (const index of await this.takeAll(answers)) refusals[index] = new TaskTimedOut();
    return refusals;
  }

  /** The work goes on. */
  async heartbeat(namespace: string, token: string): Promise<void> {
    const task = await this.tasks.beat(namespace, tokenHash(token));
    if (!task?.waiter) throw new InvalidToken();
    const isOpen = task.kind === 'activity' ? task.status === 'RUNNING' : await this.isOpen(task.waiter);
    if (!isOpen) throw new TaskTimedOut();
  }

  /** Gives back the places of those that came too late. */
  private async takeAll(answers: readonly Answer[]): Promise<number[]> {
    const late: number[] = [];
    const note = ({ index }: Answer, isTaken: boolean): void => void (isTaken || late.push(index));
    const pending = answers.filter(({ task }) => task.kind !== 'activity');
    const lane = async (): Promise<void> => {
      for (let next = pending.shift(); next; next = pending.shift()) note(next, await this.takeFromHolder(next));
    };
    await Promise.all([
      ...answers
        .filter(({ task }) => task.kind === 'activity')
        .map(async (one) => note(one, await this.takeFromWorker(one))),
      ...Array.from({ length: Math.min(LANES, pending.length) }, lane),
    ]);
    return late;
  }

  /** Many at a time: those that come together are written together. The task is the fence. */
  private takeFromWorker({ task, waiter, outcome }: Answer): Promise<boolean> {
    const fence = { type: 'task', task, ending: toEnding(outcome) } as const;
    return this.advance.advanceBehind(fence, waiter.executionId, happenings(task, outcome));
  }

  /** What handed the token out may have ended long ago: the step is the fence. */
  private async takeFromHolder({ waiter, outcome }: Answer): Promise<boolean> {
    return this.database.transaction(async () => {
      const execution = await this.reader.lock(waiter.executionId);
      if (execution?.status !== 'RUNNING' || !(await this.isOpen(waiter))) return false;
      const { frameId, step } = waiter;
      await this.advance.advance(waiter.executionId, [{ frameId, happened: toHappened(step, outcome) }]);
      return true;
    });
  }

  /** Whether the step that handed the token out is the one that its frame still waits for. */
  private async isOpen({ executionId, frameId, step }: Waiter): Promise<boolean> {
    const frame = await this.reader.frame(executionId, frameId);
    return frame?.status === 'RUNNING' && frame.state.waiting === 'task' && frame.state.step === step;
  }
}

function toEnding(outcome: Outcome): Ending {
  return outcome.type === 'Failed'
    ? { status: 'FAILED', ...outcome.failure }
    : { status: 'SUCCEEDED', output: outcome.output };
}

function toHappened(step: number, outcome: Outcome): Happened {
  return outcome.type === 'Failed'
    ? { type: 'TaskFailed', step, failure: outcome.failure }
    : { type: 'TaskSucceeded', step, output: outcome.output };
}

function outcomeOf(result: TokenResult, maxBytes: number): Outcome | InvalidOutput {
  if ('failure' in result) {
    const { error = '', cause = '' } = result.failure;
    return { type: 'Failed', failure: { error: storableText(error), cause: storableText(cause) } };
  }
  const { output } = result;
  if (measure(output, maxBytes).bytes > maxBytes)
    return new InvalidOutput(`The output is longer than the ${maxBytes} bytes that are allowed`, { maxBytes });
  if (!isStorable(output)) {
    return new InvalidOutput('The output has a string with a NUL character or half of a surrogate pair');
  }
  return { type: 'Succeeded', output };
}
