import { existsSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { runtimesDir } from '../runtimes/runtimes-dir.js';
import type { SandboxFolders, Shown } from '../sandbox.js';
import { type Programs, SYSTEM_DIRS, SYSTEM_LINKS, TOOLS_DIR } from './programs.js';

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly access: 'read' | 'write';
}

/** Where a program inside sees its folders. */
export const INSIDE = {
  work: '/spool/work',
  api: '/spool/api',
  code: '/var/task',
  runtimes: '/var/runtime',
} as const;

/** Of /etc only what programs need to resolve names, to check certificates and to draw letters. */
const ETC = [
  'alternatives',
  'ca-certificates',
  'crypto-policies',
  'fonts',
  'gai.conf',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'pki',
  'protocols',
  'services',
  'ssl',
  'vulkan',
];
const OTHER = ['/var/cache/fontconfig', '/var/lib/ca-certificates'];

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The root of every sandbox: a folder with empty mount points and a few files of ours, and the list of what is
 * mounted into it. Nothing of the machine is in it but the system's programs: no home, no data folder, no /run.
 */
export class Layout {
  readonly mounts: readonly Mount[];

  constructor(
    readonly root: string,
    programs: Programs,
    user: User,
  ) {
    for (const dir of ['proc', 'dev', 'sys', 'tmp', 'run', 'home', 'root', 'etc', 'opt', 'var/tmp', TOOLS_DIR])
      mkdirSync(join(root, dir), { recursive: true });
    for (const dir of Object.values(INSIDE)) mkdirSync(join(root, dir), { recursive: true });
    writeEtc(join(root, 'etc'), user);
    const shown = [...SYSTEM_DIRS, ...programs.folders, ...OTHER, ...SYSTEM_LINKS.filter((path) => !this.link(path))];
    this.mounts = [
      ...shown.map((path) => readable(path, path)),
      ...ETC.map((name) => readable(`/etc/${name}`, `/etc/${name}`)),
      ...Object.entries(programs.tools).map(([name, file]) => readable(file, join(TOOLS_DIR, name))),
      readable(runtimesDir(), INSIDE.runtimes),
    ].filter(({ source }) => existsSync(source));
    for (const { source, target } of this.mounts) this.mountPoint(target, statSync(source).isDirectory());
    this.mountPoint('/etc/resolv.conf', false);
  }

  /** All that one sandbox sees. Name servers only of a network that has some. */
  mountsOf({ work, code, api }: SandboxFolders, network: 'host' | 'own'): Mount[] {
    return [
      ...this.mounts,
      ...(network === 'host' && existsSync('/etc/resolv.conf')
        ? [readable('/etc/resolv.conf', '/etc/resolv.conf')]
        : []),
      { source: work, target: INSIDE.work, access: 'write' },
      { source: join(work, 'tmp'), target: '/tmp', access: 'write' },
      ...(code ? [readable(code, INSIDE.code)] : []),
      ...(api ? [readable(api, INSIDE.api)] : []),
    ];
  }

  /** What the driver of a device wants shown, and is not there anyway. Its places in the root stay, and are empty. */
  furnished(wanted: readonly Shown[]): Mount[] {
    const there = (path: string): boolean =>
      this.mounts.some(({ target }) => path === target || path.startsWith(`${target}/`));
    const mounts = wanted.filter(({ source, target }) => mayBeShown(target) && !there(target) && existsSync(source));
    for (const { source, target } of mounts) this.mountPoint(target, statSync(source).isDirectory());
    return mounts.map(({ source, target }) => readable(source, target));
  }

  private mountPoint(target: string, isDirectory: boolean): void {
    const path = join(this.root, target);
    mkdirSync(isDirectory ? path : dirname(path), { recursive: true });
    if (!isDirectory && !existsSync(path)) writeFileSync(path, '');
  }

  /** True if it was only a link, and is one here too. */
  private link(path: string): boolean {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    if (isLink) symlinkSync(readlinkSync(path), join(this.root, path));
    return isLink;
  }
}

/** Not over what is ours: the task's folders, and what the kernel shows of itself. */
const mayBeShown = (path: string): boolean =>
  path === normalize(path) && !/^\/(spool|tmp|proc|sys|dev|var\/task|var\/runtime)?(\/|$)/.test(path);

const readable = (source: string, target: string): Mount => ({ source, target, access: 'read' });

function writeEtc(dir: string, { uid, gid }: User): void {
  const names = { passwd: `${uid}:${gid}:function:${INSIDE.work}:/bin/sh`, group: `${gid}:` };
  writeFileSync(join(dir, 'passwd'), `root:x:0:0:root:/root:/bin/sh\nfunction:x:${names.passwd}\n`);
  writeFileSync(join(dir, 'group'), `root:x:0:\nfunction:x:${names.group}\n`);
  writeFileSync(join(dir, 'hosts'), '127.0.0.1 localhost function\n::1 localhost\n');
  writeFileSync(join(dir, 'hostname'), 'function\n');
}
