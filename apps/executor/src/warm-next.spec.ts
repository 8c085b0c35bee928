import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Assignment } from '@app/worker-api';
import {
  command,
  foldersLeft,
  gateway,
  resultOf,
  startExecutor,
  stopExecutor,
  until,
  workDir,
} from '../testing/executor-harness.js';
import { TOKEN } from '../testing/test-gateway.js';
import { call, counting, isThere, run, warmly } from '../testing/warm.js';

/** An input that the store has. */
const file = (name: string, text: string) => {
  gateway.objects.set(`${name}/1`, Buffer.from(text));
  return { name, bucket: 'b', key: name, url: `${gateway.url}/store/${name}/1` };
};

describe('the next task of a warm instance', () => {
  it('finds an empty folder, its own files and variables, and the working directory', async () => {
    await warmly();
    const version = await counting(`
      Object.assign(more, { all: fs.readdirSync(context.workDir, { recursive: true }).sort(), cwd: process.cwd() === context.workDir,
        variables: Object.keys(process.env).filter((name) => /^SPOOL_(IN|OUT)PUT/.test(name)).sort(), id: process.env.SPOOL_TASK_ID === context.awsRequestId,
        read: Object.values(context.inputs).map((file) => fs.readFileSync(file, 'utf8')) });
      for (const dir of ['.', 'tmp', 'inputs']) fs.writeFileSync(dir + '/left', 'x');
      for (const file of Object.values(context.outputs)) fs.writeFileSync(file, 'made');
      fs.chmodSync('tmp', 0o500); process.chdir('/')`);
    const output = { name: 'made', bucket: 'b', key: 'made' };
    const first = await call(version, { inputs: [file('one', 'first')], outputs: [output] });
    const dirs = ['inputs', 'outputs', 'tmp'];
    expect(first).toMatchObject({ read: ['first'], variables: ['SPOOL_INPUT_ONE', 'SPOOL_OUTPUT_MADE'], id: true });
    expect(await call(version, { inputs: [file('two', 'second')] })).toMatchObject({
      n: 2,
      all: [...dirs, 'inputs/two'].toSorted(),
      read: ['second'],
      variables: ['SPOOL_INPUT_TWO'],
      cwd: true,
      id: true,
    });
    expect(await call(version)).toMatchObject({ n: 3, all: dirs, read: [], variables: [], cwd: true, id: true });
  });

  it('has its own lines, and half a line stays where it was written', async () => {
    await warmly();
    const version = await counting('console.log("call", n); process.stdout.write("rest " + n)');
    const tasks: Assignment[] = [];
    for (const n of [1, 2, 3]) {
      const task = gateway.give({ function: version });
      expect(await resultOf(task)).toMatchObject({ output: { n } });
      tasks.push(task);
    }
    expect(tasks.map(({ id }) => gateway.linesOf.get(id))).toEqual([1, 2, 3].map((n) => [`call ${n}`, `rest ${n}`]));
  });

  it('with another environment is served by another process, which sees nothing of the first', async () => {
    await warmly();
    const version = await counting(
      'more.env = [JSON.stringify(process.env), ...fs.readFileSync("/proc/self/environ", "utf8").split("\\0")]',
    );
    const first = await call({ ...version, environment: { KEY: 'secret one' } });
    const second = await call({ ...version, environment: { KEY: 'secret two' } });
    expect(first.process).not.toBe(second.process);
    expect(JSON.stringify(second)).toContain('secret two');
    expect(JSON.stringify(second)).not.toContain('secret one');
  });
});

describe('waiting instances end', () => {
  it('when nobody has needed them for a while, with their folders', async () => {
    await warmly({ SPOOL_WARM_IDLE_SECONDS: '0.2' });
    const version = await counting();
    await call(version);
    await until(() => !isThere(version));
    await until(() => foldersLeft().length === 0);
  });

  it('when they are too old, however often they are needed', async () => {
    await warmly({ SPOOL_WARM_MAX_SECONDS: '2' });
    const version = await counting();
    const { process: first } = await call(version);
    for (;;) {
      const { process: now } = await call(version);
      if (now !== first) break;
    }
    await until(() => !isThere(version));
  });

  it('the longest unused first, when a task needs their memory', async () => {
    await warmly({ SPOOL_EXECUTOR_MEMORY_MB: '300' });
    const [old, young] = [await counting(), await counting('more.young = true')];
    for (const version of [old, young]) await call(version);
    const isThereBeside = async (memoryMb: number) => {
      await run(command('true'), { resources: { memoryMb, vcpu: 1 } });
      return [old, young].map(isThere);
    };
    expect(await isThereBeside(40)).toEqual([true, true]);
    expect(await isThereBeside(100)).toEqual([false, true]);
    expect(await isThereBeside(300)).toEqual([false, false]);
  });

  it('the longest unused first, when there are more than may wait', async () => {
    await warmly({ SPOOL_WARM_INSTANCES: '1' });
    const [old, young] = [await counting(), await counting('more.young = true')];
    for (const version of [old, young]) await call(version);
    await until(() => !isThere(old));
    expect(isThere(young)).toBe(true);
  });

  it('not because other functions have run meanwhile, more of them than there are slots', async () => {
    await warmly({ SPOOL_EXECUTOR_SLOTS: '1' });
    const versions = [await counting(), await counting('more.second = true'), await counting('more.third = true')];
    const before = [];
    for (const version of versions) before.push((await call(version)).process);
    const after = [];
    for (const version of versions) after.push((await call(version)).process);
    expect(after).toEqual(before);
  });

  it('when the executor stops', async () => {
    await warmly();
    const version = await counting();
    await call(version);
    expect(isThere(version)).toBe(true);
    await stopExecutor();
    expect(isThere(version)).toBe(false);
    await startExecutor();
  });

  it('when the executor is killed', async () => {
    await stopExecutor();
    const executor = spawn(process.execPath, ['dist/apps/executor/src/main.js'], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        SPOOL_GATEWAY_URL: gateway.url,
        SPOOL_EXECUTOR_TOKEN: TOKEN,
        SPOOL_WORK_DIR: join(workDir, 'killed'),
        SPOOL_SANDBOX: process.env.SPOOL_SANDBOX ?? 'process',
      },
    });
    const version = await counting();
    await call(version);
    expect(isThere(version)).toBe(true);
    executor.kill('SIGKILL');
    await once(executor, 'exit');
    await until(() => !isThere(version));
    await startExecutor();
  });
});
