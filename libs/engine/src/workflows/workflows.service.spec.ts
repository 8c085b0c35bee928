import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { functionReferences } from './function-references.js';

const pass = (comment: string) => ({ Comment: comment, StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });

describe('WorkflowsService', () => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine?.close());

  it('makes one version of the same definition, whatever the order of its fields', async () => {
    const { States, StartAt, Comment } = pass('x');
    const first = await engine.workflows.deploy('default', { name: 'same', definition: pass('x') });
    const again = await engine.workflows.deploy('default', { name: 'same', definition: { States, Comment, StartAt } });
    expect([first.isNew, again.isNew, again.id === first.id]).toEqual([true, false, true]);
  });

  it('resolves the latest version or the one asked for', async () => {
    await engine.workflows.deploy('default', { name: 'two', definition: pass('1') });
    await engine.workflows.deploy('default', { name: 'two', definition: pass('2') });
    expect((await engine.workflows.resolve('default', 'two'))?.definition).toEqual(pass('2'));
    expect((await engine.workflows.resolve('default', 'two', 1))?.definition).toEqual(pass('1'));
    expect(await engine.workflows.resolve('default', 'two', 3)).toBeUndefined();
    expect(await engine.workflows.resolve('spool', 'two')).toBeUndefined();
  });

  it('refuses a definition with all its problems, as pointers into the request', async () => {
    const definition = { StartAt: 'B', States: { A: { Type: 'Pass', Next: 'C' } } };
    const deploying = engine.workflows.deploy('default', { name: 'bad', definition });
    await expect(deploying).rejects.toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ pointer: '/definition/StartAt' }),
        expect.objectContaining({ pointer: '/definition/States/A/Next' }),
      ]),
    });
    await expect(engine.workflows.get('default', 'bad')).rejects.toMatchObject({ code: 'workflow_not_found' });
  });

  it('does not delete what an execution or a trigger needs', async () => {
    const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1_000, End: true } } };
    await engine.workflows.deploy('default', { name: 'busy', definition: wait });
    const { id } = await engine.executions.start('default', 'busy', { input: {} });
    await expect(engine.workflows.delete('default', 'busy')).rejects.toMatchObject({ code: 'workflow_in_use' });
    await engine.executions.stop('default', id);
    const source = { topic: 'jobs' };
    await engine.triggers.create('default', { name: 'busy', kind: 'topic', source, target: { workflow: 'busy' } });
    await expect(engine.workflows.delete('default', 'busy')).rejects.toMatchObject({ code: 'workflow_in_use' });
    await engine.triggers.delete('default', 'busy');
    await engine.workflows.delete('default', 'busy');
    await expect(engine.workflows.get('default', 'busy')).rejects.toMatchObject({ code: 'workflow_not_found' });
  });
});

const task = (Resource: string, Parameters?: object) => ({
  Type: 'Task',
  Resource,
  ...(Parameters && { Parameters }),
});

describe('functionReferences', () => {
  it('finds functions in Task states only, by each of their names', () => {
    const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:resize:3';
    const definition = {
      States: {
        A: task('function:probe'),
        B: task(lambda),
        C: task('arn:aws:states:::lambda:invoke', { FunctionName: 'probe:2' }),
        D: task('arn:aws:states:::lambda:invoke', { 'FunctionName.$': '$.name' }),
        E: task('topic:jobs'),
        F: { Type: 'Pass', Result: { States: { X: task('function:not-a-state') } } },
        G: { Type: 'Map', ItemProcessor: { States: { H: task('function:inner:$LATEST') } } },
      },
    };
    expect(functionReferences(definition)).toEqual([
      { pointer: '/States/A/Resource', name: 'probe' },
      { pointer: '/States/B/Resource', name: 'resize', qualifier: '3' },
      { pointer: '/States/C/Parameters/FunctionName', name: 'probe', qualifier: '2' },
      { pointer: '/States/G/ItemProcessor/States/H/Resource', name: 'inner', qualifier: '$LATEST' },
    ]);
  });
});
