import { createServer, type Server } from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openSandbox, type Sandbox } from '@app/sandbox';
import { describeEach, Workshop } from './support.js';

const SECRET = 'the-token-that-nobody-may-read';
const hostDir = mkdtempSync(join(tmpdir(), 'spool-host-'));
let gateway: Server;
let port: number;

beforeAll(async () => {
  process.env.SPOOL_TEST_EXECUTOR_TOKEN = SECRET;
  mkdirSync(join(hostDir, 'tasks/another-task'), { recursive: true });
  for (const name of ['secrets.json', 'access.json', 'tasks/another-task/input'])
    writeFileSync(join(hostDir, name), SECRET);
  gateway = createServer((_, response) => response.end('a door'));
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  ({ port } = gateway.address() as AddressInfo);
});
afterAll(() => {
  delete process.env.SPOOL_TEST_EXECUTOR_TOKEN;
  gateway.close();
  rmSync(hostDir, { recursive: true, force: true });
});

describeEach('inside a sandbox of the driver %s', (driver) => {
  let sandbox: Sandbox;
  let shop: Workshop;
  beforeAll(async () => {
    ({ sandbox } = await openSandbox({ driver }));
    shop = new Workshop(sandbox);
  });
  afterAll(async () => {
    await sandbox.close();
    shop.remove();
  });
  const sh = (...given: Parameters<Workshop['sh']>) => shop.sh(...given);

  it('the files of the machine are not there', async () => {
    const paths = [
      join(hostDir, 'secrets.json'),
      hostDir,
      '/etc/shadow',
      '/etc/ssh',
      '/run/systemd',
      '/sys/fs/cgroup',
      process.cwd(),
    ];
    const { stdout } = await sh(
      `for path in ${paths.join(' ')}; do [ -e $path ] && echo "$path is there"; done; echo looked`,
    );
    expect(stdout).toBe('looked');
    const home = await sh(`ls -a ${homedir()} 2>/dev/null | grep -vE '^\\.{1,2}$|^\\.pyenv$'; echo looked`);
    expect(home.stdout).toBe('looked');
  });

  it('a device of the machine is there for whom it was allotted to, and for nobody else', async () => {
    const device = ['/dev/fuse', '/dev/kmsg', '/dev/tty0'].find((path) => existsSync(path)) ?? '/dev/none';
    const look = `[ -c ${device} ] && echo there || echo nowhere`;
    expect((await sh(look)).stdout).toBe('nowhere');
    expect((await sh(look, { attached: { devices: [{ source: device, target: device }], mounts: [] } })).stdout).toBe(
      'there',
    );
  });

  it('files of a device are there for whom it was allotted to, to be read, and where the specification has them', async () => {
    const source = join(hostDir, 'driver.conf');
    writeFileSync(source, 'of the driver');
    const mounts = [
      { source, target: '/run/driver/conf' },
      { source, target: '/tmp/conf' },
    ];
    const look = 'cat /run/driver/conf; echo x 2>/dev/null > /run/driver/conf || echo " is read only"; ls /tmp';
    expect((await sh(look, { attached: { devices: [], mounts } })).stdout).toBe('of the driver is read only');
    expect((await sh('cat /run/driver/conf')).stdout).toBe('');
  });

  it("another task's folder and code are not there, nor a way to them", async () => {
    const other = join(hostDir, 'tasks/another-task/input');
    const { stdout } = await sh(
      `cat ${other} /proc/1/root${other} /proc/1/cwd/../input 2>/dev/null; ls ${shop.dir} 2>/dev/null; echo looked`,
    );
    expect(stdout).toBe('looked');
  });

  it('no process but its own is seen, and no environment of the executor', async () => {
    const { stdout } = await sh(
      `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c '${SECRET.slice(0, 12)}'; ls -d /proc/${process.pid} 2>&1; kill -9 -1 2>/dev/null`,
    );
    expect(stdout).toMatch(/^0\n.*No such file/);
    const { stdout: names } = await sh(
      "for f in /proc/[0-9]*/comm; do cat $f 2>/dev/null; done | sort -u | tr '\\n' ' '",
    );
    expect(names).not.toMatch(/node|jest|postgres/);
  });

  it('it is nobody, without rights, and stays so', async () => {
    const { stdout } = await sh(
      "id -u; grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'",
    );
    const [uid, ...status] = stdout.split('\n');
    expect(uid).toBe(process.getuid?.() === 0 ? '60700' : String(process.getuid?.()));
    expect(status.toSorted()).toEqual([
      ...['CapBnd', 'CapEff', 'CapPrm'].map((name) => `${name}:0000000000000000`),
      'NoNewPrivs:1',
      'Seccomp:2',
    ]);
  });

  it.each([
    ['make a user namespace', 'unshare -U true'],
    ['mount', 'mount -t tmpfs none /tmp'],
    ['make a device', 'mknod disk b 8 0'],
    ['change the machine', 'echo x > /proc/sys/kernel/core_pattern'],
    ['press a magic key', 'echo h > /proc/sysrq-trigger'],
    ['change the name of the machine', 'hostname mine'],
    ['set the clock', 'date -s 2000-01-01'],
    ['read the kernel log', 'dmesg'],
    ['write into the system', 'touch /usr/mine'],
    ['write into /etc', 'echo x >> /etc/passwd'],
    ['write into its code', 'touch /var/task/mine'],
    ['write beside its folder', 'touch /spool/mine'],
    ['change its tools', 'touch /spool/bin/mine'],
    ['change the runtimes', 'echo x >> /var/runtime/nodejs.mjs'],
    ['join another namespace', 'nsenter -t 1 -m true'],
  ])('it cannot %s', async (_, script) => {
    const { stdout } = await sh(`(${script}) 2>/dev/null && echo done || echo refused`);
    expect(stdout.split('\n').at(-1)).toBe('refused');
  });

  it('its folder, /tmp and shared memory are its own and can be written', async () => {
    const { end, stdout } = await sh(
      'echo x > here && echo y > /tmp/there && cat tmp/there && echo z > /dev/shm/z && rm /dev/shm/z && echo written',
    );
    expect({ status: end.status, stdout }).toEqual({ status: 'SUCCEEDED', stdout: 'y\nwritten' });
  });

  const SOCKETS = `import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
call = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
opened = {family for family in range(64) for high in (0, 1 << 32) for kind in (1, 2, 3, 5)
  if libc.syscall(call, ctypes.c_long(high | family), ctypes.c_long(kind), ctypes.c_long(0)) >= 0}
print(sorted(opened))`;

  it.each([
    ['none', '[1, 16]'],
    ['host', '[1, 2, 10, 16]'],
  ] as const)(
    'with the network %s its sockets are of few kinds, also where the number of the kind is written so that a filter may not know it',
    async (network, kinds) => {
      const { stdout } = await shop.run({ runtime: 'command', command: ['python3', '-c', SOCKETS], network });
      expect(stdout).toBe(kinds);
    },
  );

  const connect = `import { connect } from 'node:net';
    export const handler = ({ port }) => new Promise((resolve) => connect(port, '127.0.0.1')
      .on('connect', () => resolve('connected')).on('error', ({ code }) => resolve(code)));`;

  it.each([
    ['none', /^(EAFNOSUPPORT|EINVAL|EPERM)$/],
    ['loopback', /^ECONNREFUSED$/],
    ['host', /^connected$/],
  ] as const)('with the network %s it gets to the machine as far as it may', async (network, expected) => {
    const { end } = await shop.run({ network, payload: { port } }, { 'index.mjs': connect });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: expect.stringMatching(expected) });
  });

  const RUNTIME = `#!/usr/bin/env node
    const { connect } = require('node:net');
    const tried = (where) => new Promise((resolve) => connect(where).on('connect', () => resolve('connected')).on('error', ({ code }) => resolve(code)));
    (async () => {
      const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
      const next = await fetch(api + 'next');
      const { port, name } = await next.json();
      const body = JSON.stringify([await tried({ port, host: '127.0.0.1' }), await tried({ path: String.fromCharCode(0) + name })]);
      await fetch(api + next.headers.get('lambda-runtime-aws-request-id') + '/response', { method: 'POST', body });
    })();`;

  it.each(['none', 'loopback'] as const)(
    'with its own runtime and the network %s it reaches its Runtime API, and nothing of the machine',
    async (network) => {
      const name = `spool-abstract-${process.pid}-${driver}-${network}`;
      const abstract = createSocketServer().listen({ path: `\0${name}` });
      const options = { runtime: 'provided', network, payload: { port, name } } as const;
      const { end } = await shop.run(options, { bootstrap: RUNTIME });
      abstract.close();
      expect(end).toMatchObject({ status: 'SUCCEEDED', output: ['ECONNREFUSED', 'ECONNREFUSED'] });
    },
  );

  it("another instance's port is its own", async () => {
    const own = { runtime: 'provided', network: 'none', payload: { port: 9001, name: 'none' } } as const;
    const holds = RUNTIME.replace(
      'const body',
      'await new Promise((resolve) => setTimeout(resolve, 1000)); const body',
    );
    const [first, second] = await Promise.all([
      shop.run(own, { bootstrap: holds }),
      shop.run(own, { bootstrap: holds }),
    ]);
    for (const { end } of [first, second]) expect(end).toMatchObject({ output: ['connected', 'ECONNREFUSED'] });
    const other = { network: 'loopback', payload: { port: 9001 } } as const;
    const [, stranger] = await Promise.all([
      shop.run(own, { bootstrap: holds }),
      shop.run(other, { 'index.mjs': connect }),
    ]);
    expect(stranger.end).toMatchObject({ output: 'ECONNREFUSED' });
  });

  it('with the network loopback it reaches itself, and no name server', async () => {
    const code = `import { createServer } from 'node:http'; import { lookup } from 'node:dns/promises';
      export const handler = async () => {
        const server = createServer((_, response) => response.end('me'));
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        const own = await (await fetch('http://127.0.0.1:' + server.address().port)).text();
        const outside = await lookup('example.com').catch(({ code }) => code);
        return { own, outside };
      };`;
    const { end } = await shop.run({ network: 'loopback' }, { 'index.mjs': code });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { own: 'me', outside: expect.stringMatching(/^E/) } });
  });

  it('its environment changes nothing of what the executor runs outside', async () => {
    const environment = { LD_DEBUG: 'files', LD_DEBUG_OUTPUT: join(hostDir, 'trace'), LD_PRELOAD: '/none.so' };
    const { end } = await sh('echo ran', { environment });
    expect(end.status).toBe('SUCCEEDED');
    expect(readdirSync(hostDir).filter((name) => name.startsWith('trace'))).toEqual([]);
  });

  it("another instance's Runtime API is not there", async () => {
    const code = `import { readdirSync } from 'node:fs';
      export const handler = () => { try { return readdirSync('/spool/api').join() } catch ({ code }) { return code } }`;
    const both = await Promise.all([shop.run({}, { 'index.mjs': code }), shop.run({}, { 'index.mjs': code })]);
    for (const { end } of both)
      expect(end).toMatchObject({ output: expect.stringMatching(/^(EACCES|runtime\.sock)$/) });
  });
});
