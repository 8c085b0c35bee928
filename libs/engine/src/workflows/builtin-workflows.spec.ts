import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { BuiltinWorkflows } from './builtin-workflows.js';
import { WorkflowAliasesService } from './workflow-aliases.service.js';

const pass = (Comment: string) => ({ Comment, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });

describe('built-in workflows', () => {
  let engine: TestEngine;
  let builtins: BuiltinWorkflows;
  let aliases: WorkflowAliasesService;
  let dir: string;

  beforeAll(async () => {
    engine = await createEngine();
    builtins = engine.app.get(BuiltinWorkflows, { strict: false });
    aliases = engine.app.get(WorkflowAliasesService, { strict: false });
    dir = await mkdtemp(join(tmpdir(), 'spool-workflows-'));
    await writeFile(join(dir, 'pipeline.json'), JSON.stringify(pass('built in')));
    await writeFile(join(dir, 'hidden.json'), JSON.stringify(pass('built in')));
    await writeFile(join(dir, 'README.md'), 'no workflow');
    await builtins.deployAll(dir);
  });
  afterAll(async () => {
    await engine?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('are deployed once, by the names of their files', async () => {
    expect(await builtins.deployAll(dir)).toEqual([]);
    const listed = await engine.workflows.list('default');
    expect(listed.map(({ workflowName, version }) => [workflowName, version])).toEqual([
      ['hidden', 1],
      ['pipeline', 1],
    ]);
  });

  it('are listed, shown and started from any namespace, where the execution then belongs', async () => {
    expect(await engine.workflows.list('default')).toMatchObject([{ workflowName: 'hidden' }, { namespace: 'spool' }]);
    expect(await engine.workflows.versions('default', 'pipeline')).toHaveLength(1);
    expect(await aliases.list('default', 'pipeline')).toEqual([]);
    const execution = await engine.executions.start('default', 'pipeline', { input: {} });
    expect(execution).toMatchObject({ namespace: 'default', workflow: 'pipeline', version: 1 });
  });

  it('can be the target of a trigger', async () => {
    const trigger = { kind: 'topic', source: { topic: 'jobs' }, target: { workflow: 'pipeline' } } as const;
    expect(await engine.triggers.create('default', { name: 'built-in', ...trigger })).toMatchObject({ enabled: true });
    const versioned = { ...trigger, name: 'versioned', target: { workflow: 'pipeline:7' } };
    await expect(engine.triggers.create('default', versioned)).rejects.toMatchObject({
      issues: [{ pointer: '/target/workflow', message: 'there is no version or alias pipeline:7' }],
    });
  });

  it('stand behind a workflow of the same name that is deployed, until it is deleted', async () => {
    await engine.workflows.deploy('default', { name: 'hidden', definition: pass('own') });
    expect((await engine.workflows.get('default', 'hidden')).definition).toEqual(pass('own'));
    expect((await engine.workflows.list('default')).map(({ namespace }) => namespace)).toEqual(['default', 'spool']);
    await engine.workflows.delete('default', 'hidden');
    expect((await engine.workflows.get('default', 'hidden')).definition).toEqual(pass('built in'));
  });

  it('are changed by nobody', async () => {
    const routes = [{ version: 1, weight: 100 }];
    await expect(aliases.put('default', 'pipeline', 'live', { routes })).rejects.toMatchObject({
      code: 'workflow_not_found',
    });
    await expect(engine.workflows.delete('default', 'pipeline')).rejects.toMatchObject({ code: 'workflow_not_found' });
  });
});
