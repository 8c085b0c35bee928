import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { WorkflowAliasesService } from './workflow-aliases.service.js';

const pass = (result: number) => ({ StartAt: 'A', States: { A: { Type: 'Pass', Result: result, End: true } } });
const to = (version: number) => ({ routes: [{ version, weight: 100 }] });

describe('WorkflowAliasesService', () => {
  let engine: TestEngine;
  let aliases: WorkflowAliasesService;

  beforeAll(async () => {
    engine = await createEngine();
    aliases = engine.app.get(WorkflowAliasesService, { strict: false });
    for (const n of [1, 2, 3]) await engine.workflows.deploy('default', { name: 'flow', definition: pass(n) });
  });
  afterAll(() => engine?.close());

  const start = async (workflow: string, qualifier?: string | number) => {
    const wanted = { input: {}, ...(qualifier !== undefined && { qualifier }) };
    const { version, alias, output } = await engine.executions.start('default', workflow, wanted);
    return { version, alias, output };
  };

  it('starts the version that the alias leads to, until it is moved', async () => {
    await aliases.put('default', 'flow', 'live', to(1));
    expect(await start('flow', 'live')).toEqual({ version: 1, alias: 'live', output: 1 });
    expect(await start('flow:live')).toEqual({ version: 1, alias: 'live', output: 1 });
    await aliases.put('default', 'flow', 'live', { description: 'moved', ...to(2) });
    expect(await start('flow:live')).toEqual({ version: 2, alias: 'live', output: 2 });
    expect(await start('flow:1')).toEqual({ version: 1, alias: undefined, output: 1 });
    expect(await start('flow')).toEqual({ version: 3, alias: undefined, output: 3 });
    expect(await aliases.list('default', 'flow')).toMatchObject([{ name: 'live', description: 'moved' }]);
  });

  it('says whether the workflow or what stands behind its name is not there', async () => {
    await expect(start('nothing:live')).rejects.toMatchObject({ code: 'workflow_not_found' });
    await expect(start('flow:dead')).rejects.toMatchObject({ code: 'workflow_qualifier_not_found' });
    await expect(start('flow', 9)).rejects.toMatchObject({ code: 'workflow_qualifier_not_found' });
    await expect(start('flow:99999999999')).rejects.toMatchObject({ code: 'workflow_qualifier_not_found' });
    await expect(aliases.put('default', 'nothing', 'live', to(1))).rejects.toMatchObject({
      code: 'workflow_not_found',
    });
  });

  it('refuses versions that are not there, each by its place', async () => {
    const routes = [
      { version: 3, weight: 50 },
      { version: 7, weight: 50 },
    ];
    await expect(aliases.put('default', 'flow', 'next', { routes })).rejects.toMatchObject({
      issues: [{ pointer: '/routes/1/version', message: 'flow has no version 7' }],
    });
  });

  it('keeps what a trigger starts, and gives a trigger only what there is', async () => {
    const trigger = (workflow: string) =>
      engine.triggers.create('default', {
        name: 'jobs',
        kind: 'topic',
        source: { topic: 'jobs' },
        target: { workflow },
      });
    await expect(trigger('flow:none')).rejects.toMatchObject({ issues: [{ pointer: '/target/workflow' }] });
    await expect(trigger('flow:8')).rejects.toMatchObject({ issues: [{ pointer: '/target/workflow' }] });
    await trigger('flow:live');
    await expect(aliases.delete('default', 'flow', 'live')).rejects.toMatchObject({ code: 'alias_in_use' });
    await expect(engine.workflows.delete('default', 'flow')).rejects.toMatchObject({ code: 'workflow_in_use' });
    const data = { topic: 'jobs', key: null, value: 1, headers: {}, partition: 0, offset: 0 };
    const event = { specversion: '1.0' as const, id: '0-0', source: '/topics/jobs', type: 'spool.topic.message', data };
    const { started } = await engine.events.ingest('default', { ...event, time: new Date().toISOString() });
    const { version, alias } = await engine.executions.get('default', started[0]?.targetId ?? '');
    expect({ version, alias }).toEqual({ version: 2, alias: 'live' });
    await engine.triggers.delete('default', 'jobs');
    await aliases.delete('default', 'flow', 'live');
    await expect(aliases.get('default', 'flow', 'live')).rejects.toMatchObject({ code: 'alias_not_found' });
  });
});
