import { AppError } from '@app/common';
import { ParkedTaskRepository, type Task, TaskRepository } from '@app/queue';
import type { Failure, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { Execution } from '../executions/execution.js';
import { ExecutionsService } from '../executions/executions.service.js';
import { sdkAnswer } from '../tasks/sdk-answer.js';
import { TaskCompletionService } from '../tasks/task-completion.service.js';
import { ChildRepository } from './child.repository.js';
import { childResult, started } from './child-result.js';

/** Executions that wait for each other, one below the other. Deeper is a workflow that calls itself without end. */
const MAX_DEPTH = 64;

interface Payload {
  readonly input: Json;
  readonly qualifier?: string;
  readonly name?: string;
}

/** What of ours, on a start, is what of AWS' StartExecution. */
const AWS_ERRORS: Readonly<Record<string, string>> = {
  workflow_not_found: 'StepFunctions.StateMachineDoesNotExistException',
  workflow_version_not_found: 'StepFunctions.StateMachineDoesNotExistException',
  workflow_alias_not_found: 'StepFunctions.StateMachineDoesNotExistException',
  execution_already_exists: 'StepFunctions.ExecutionAlreadyExistsException',
  execution_input_too_large: 'States.DataLimitExceeded',
};

/** Starts the workflows that states ask for, and answers the states that wait for them. */
@Injectable()
export class ChildWorkflowsService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly children: ChildRepository,
    private readonly tasks: TaskRepository,
    private readonly parked: ParkedTaskRepository,
    private readonly completion: TaskCompletionService,
  ) {}

  /**
   * The first time it starts the child, in the transaction that says so to the parent: there is no moment between in
   * which a crash could start two. A task whose child has ended is woken, and comes here again.
   */
  async run(task: Task): Promise<void> {
    await this.completion.fenced(
      task,
      () => this.tasks.hold(task),
      async (held) => {
        const childId = await this.children.findId(held.id);
        if (childId === undefined) return this.start({ ...held, payload: task.payload });
        const child = await this.executions.get(held.namespace, childId);
        if (child.status === 'RUNNING') return this.parked.park(held);
        return this.completion.conclude(held, childResult(child, held.resultShape));
      },
    );
  }

  private async start(task: Task): Promise<void> {
    const child = await this.begin(task);
    if (!('startedAt' in child)) return this.completion.fail(task, child, { status: 'FAILED' });
    if (task.resultShape === 'started') return this.completion.succeed(task, sdkAnswer(started(child), task.id));
    await this.completion.submit(task, started(child));
    if (child.status === 'RUNNING') return this.parked.park(task);
    return this.completion.conclude(task, childResult(child, task.resultShape));
  }

  private async begin(task: Task): Promise<Execution | Failure> {
    const { id: taskId, namespace, resource, payload, waiter, resultShape } = task;
    const { input, qualifier, name } = payload as Payload;
    const executionId = waiter?.executionId ?? '';
    const waits = resultShape !== 'started';
    const depth = waits ? (await this.children.findDepth(executionId)) + 1 : 0;
    if (depth > MAX_DEPTH) {
      const cause = `The execution is below ${MAX_DEPTH} others that wait for it; no deeper one is started`;
      return { error: 'StepFunctions.ExecutionLimitExceeded', cause };
    }
    try {
      const child = await this.executions.start(namespace, resource, {
        input,
        name: name ?? taskId,
        ...(qualifier !== undefined && { qualifier }),
        parent: { executionId, taskId, depth },
      });
      return waits && child.parent?.taskId !== taskId ? taken(child) : child;
    } catch (error) {
      return toFailure(error);
    }
  }
}

/** An execution of this name and input that somebody else has started. It can be known of, but not waited for. */
const taken = ({ name }: Execution): Failure => ({
  error: 'StepFunctions.ExecutionAlreadyExistsException',
  cause: `Execution Already Exists: '${name}'`,
});

function toFailure(error: unknown): Failure {
  const name = error instanceof AppError ? AWS_ERRORS[error.code] : undefined;
  if (!name) throw error;
  return { error: name, cause: (error as AppError).message };
}
