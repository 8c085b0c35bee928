// The sandboxes of an executor, to be killed with kill -9: killed.spec.ts. Needs `dist/`.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

const { openSandbox } = await import('../../dist/libs/sandbox/src/index.js');
const [driver, dir] = process.argv.slice(2);
const { sandbox } = await openSandbox({ driver });
const script = 'trap "" TERM; setsid sh -c "trap \'\' TERM; echo up; sleep 600" & sleep 600';
let up = 0;
for (let index = 0; index < 3; index++) {
  const work = mkdtempSync(join(dir, 'work-'));
  mkdirSync(join(work, 'tmp'));
  const argv = ['/bin/sh', '-c', script];
  const instance = await sandbox.start({
    id: `left-${index}`,
    argv,
    env: {},
    folders: { work },
    limits: {},
    network: 'none',
  });
  instance.stdout.once('data', () => ++up === 3 && process.stdout.write(`${sandbox.owner}\n`));
}
