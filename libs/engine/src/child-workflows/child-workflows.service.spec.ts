import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { Task } from '@app/queue';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  await deploy('working', { W: { Type: 'Task', Resource: 'function:work', End: true } });
  await deploy('failing', { F: { Type: 'Fail', Error: 'Boom', Cause: 'because' } });
  await deploy('passing', { P: { Type: 'Pass', Result: { done: true }, End: true } });
});
afterAll(() => engine.close());

const START = 'arn:aws:states:::states:startExecution';
const machine = (name: string) => `arn:aws:states:eu-west-1:123456789012:stateMachine:${name}`;
let count = 0;

async function deploy(name: string, states: object) {
  const definition = { StartAt: Object.keys(states)[0], States: states } as never;
  await engine.workflows.deploy('default', { name, definition });
}
/** Starts an execution of one state, and does what routers do for it. */
async function start(state: object, input: unknown = {}) {
  const name = `parent-${++count}`;
  await deploy(name, { Call: { Type: 'Task', End: true, ...state } });
  const { id } = await engine.executions.start('default', name, { input: input as never });
  await engine.route();
  return id;
}
const call = (resource: string, parameters: object) => start({ Resource: resource, Parameters: parameters });
const get = (id: string) => engine.executions.get('default', id);
const childrenOf = (parent: string) => engine.executions.list('default', { parent, limit: 10 });
const childOf = async (parent: string) => (await childrenOf(parent))[0]!;
async function work(executionId: string, output: unknown): Promise<void> {
  const [task] = (await engine.tasks.list('default', { executionId, limit: 1 })) as [Task];
  await engine.answer(task, output);
  await engine.route();
}

describe('workflow:NAME', () => {
  it('runs the workflow with the input of the state, and gives its output', async () => {
    const id = await start({ Resource: 'workflow:working' }, { n: 1 });
    const child = await childOf(id);
    expect(child).toMatchObject({ workflow: 'working', status: 'RUNNING', input: { n: 1 } });
    expect(child.parent).toMatchObject({ executionId: id, depth: 1 });
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await work(child.id, 'worked');
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 'worked' });
  });

  it('fails as the workflow failed, like a function', async () => {
    expect(await get(await start({ Resource: 'workflow:failing' }))).toMatchObject({
      status: 'FAILED',
      error: 'Boom',
      cause: 'because',
    });
  });

  it('runs the version that it names', async () => {
    await deploy('versions', { P: { Type: 'Pass', Result: 'old', End: true } });
    await deploy('versions', { P: { Type: 'Pass', Result: 'new', End: true } });
    expect(await get(await start({ Resource: 'workflow:versions:1' }))).toMatchObject({ output: 'old' });
    expect(await get(await start({ Resource: 'workflow:versions' }))).toMatchObject({ output: 'new' });
  });

  it('fails when there is no such workflow', async () => {
    expect(await get(await start({ Resource: 'workflow:missing' }))).toMatchObject({
      error: 'StepFunctions.StateMachineDoesNotExistException',
    });
  });
});

describe('states:startExecution', () => {
  it('goes on at once with the ARN and the date of the start', async () => {
    const id = await call(START, { StateMachineArn: machine('working'), Input: { n: 2 }, Name: 'my-child' });
    const child = await childOf(id);
    expect(child).toMatchObject({ name: 'my-child', status: 'RUNNING', input: { n: 2 } });
    expect(await get(id)).toMatchObject({
      status: 'SUCCEEDED',
      output: { ExecutionArn: child.id, StartDate: child.startedAt.getTime() },
    });
    const again = await call(START, { StateMachineArn: machine('working'), Input: { n: 3 }, Name: 'my-child' });
    expect(await get(again)).toMatchObject({ error: 'StepFunctions.ExecutionAlreadyExistsException' });
  });

  it('takes its input as JSON or as a text of JSON', async () => {
    const Input = '{"from": "text"}';
    expect(await childOf(await call(START, { StateMachineArn: 'passing', Input }))).toMatchObject({
      input: { from: 'text' },
    });
    expect(await get(await call(START, { StateMachineArn: 'passing', Input: '{' }))).toMatchObject({
      error: 'StepFunctions.InvalidExecutionInputException',
    });
  });

  it('with .sync waits, and gives the description of the execution with its data as texts', async () => {
    const id = await call(`${START}.sync`, { StateMachineArn: machine('working'), Input: { n: 1 } });
    const child = await childOf(id);
    await work(child.id, { ok: true });
    const { startedAt, endedAt, name } = await get(child.id);
    expect((await get(id)).output).toEqual({
      ExecutionArn: child.id,
      Input: '{"n":1}',
      InputDetails: { Included: true },
      Name: name,
      Output: '{"ok":true}',
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      StartDate: startedAt.getTime(),
      StateMachineArn: 'workflow:working:1',
      Status: 'SUCCEEDED',
      StopDate: endedAt!.getTime(),
    });
    const history = await engine.executions.listHistory('default', id, 0, 100);
    expect(history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('with .sync:2 gives the data as JSON', async () => {
    const id = await call(`${START}.sync:2`, { StateMachineArn: machine('passing'), Input: { n: 1 } });
    expect((await get(id)).output).toMatchObject({ Input: { n: 1 }, Output: { done: true }, Status: 'SUCCEEDED' });
  });

  it('with .sync fails with States.TaskFailed, whatever the child failed with, and describes it in the cause', async () => {
    for (const form of ['.sync', '.sync:2']) {
      const id = await call(START + form, { StateMachineArn: machine('failing'), Input: { k: 1 } });
      const { error, cause = '' } = await get(id);
      const child = await childOf(id);
      expect(error).toBe('States.TaskFailed');
      expect(cause).toBe(
        `{"Cause":"because","Error":"Boom","ExecutionArn":"${child.id}","Input":"{\\"k\\":1}",` +
          `"InputDetails":{"Included":true},"Name":"${child.name}","RedriveCount":0,"RedriveStatus":"REDRIVABLE",` +
          `"StartDate":${child.startedAt.getTime()},"StateMachineArn":"workflow:failing:1","Status":"FAILED",` +
          `"StopDate":${child.endedAt!.getTime()}}`,
      );
    }
  });

  it('with .waitForTaskToken waits for the token that the child was given', async () => {
    const id = await call(`${START}.waitForTaskToken`, {
      StateMachineArn: machine('passing'),
      Input: { 'token.$': '$$.Task.Token' },
    });
    const { input, status } = await childOf(id);
    expect(status).toBe('SUCCEEDED');
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await engine.tokens.settle('default', { token: (input as { token: string }).token, output: 'answered' });
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 'answered' });
  });

  it('tells in the history that it could not start what it should wait for', async () => {
    const id = await call(`${START}.waitForTaskToken`, { StateMachineArn: 'missing', Input: {} });
    const history = await engine.executions.listHistory('default', id, 0, 100);
    expect(history.map(({ type }) => type)).toContain('TaskSubmitFailed');
  });
});

describe('a parent', () => {
  it('that is stopped stops the child that it waits for', async () => {
    const id = await call(`${START}.sync`, { StateMachineArn: 'working', Input: {} });
    const child = await childOf(id);
    await engine.executions.stop('default', id);
    await engine.route();
    expect(await get(child.id)).toMatchObject({ status: 'ABORTED' });
  });

  it('whose state times out stops the child', async () => {
    const id = await start({ Resource: 'workflow:working', TimeoutSeconds: 5 });
    const child = await childOf(id);
    await engine.passSeconds(6);
    await engine.timers.fireDue(100);
    await engine.route();
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await get(child.id)).toMatchObject({ status: 'ABORTED' });
  });

  it('leaves alone what it has only started', async () => {
    const name = `parent-${++count}`;
    const Parameters = { StateMachineArn: 'working', Input: {} };
    await deploy(name, {
      Call: { Type: 'Task', Resource: START, Parameters, Next: 'Rest' },
      Rest: { Type: 'Wait', Seconds: 60, End: true },
    });
    const { id } = await engine.executions.start('default', name, { input: {} });
    await engine.route();
    await engine.executions.stop('default', id);
    await engine.route();
    expect(await childOf(id)).toMatchObject({ status: 'RUNNING' });
  });

  it('starts one child, though the router that started it died before it could say so', async () => {
    const id = await start({ Resource: 'workflow:working' });
    // What a dead router leaves: a lease that runs out.
    await engine.database.query(sql`update task set run_at = now() where execution_id = ${id} and kind = 'workflow'`);
    await engine.route();
    expect(await childrenOf(id)).toHaveLength(1);
    await work((await childOf(id)).id, 1);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that was stopped before a router came by starts nothing', async () => {
    const name = `parent-${++count}`;
    await deploy(name, { Call: { Type: 'Task', Resource: 'workflow:working', End: true } });
    const { id } = await engine.executions.start('default', name, { input: {} });
    await engine.executions.stop('default', id);
    await engine.route();
    expect(await childrenOf(id)).toEqual([]);
  });

  it('that calls itself without end fails at last', async () => {
    await deploy('endless', { Call: { Type: 'Task', Resource: 'workflow:endless', End: true } });
    const { id } = await engine.executions.start('default', 'endless', { input: {} });
    await engine.route();
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'StepFunctions.ExecutionLimitExceeded' });
  });
});
