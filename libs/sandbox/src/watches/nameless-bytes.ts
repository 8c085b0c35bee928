import { readdir, readFile, stat } from 'node:fs/promises';

const BLOCK = 512;
/** proc(5), /proc/PID/maps: `7f12…-7f13… rw-s 00000000 fd:01 1234 /path (deleted)`. */
const MAPPED = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) .* \(deleted\)$/;

/**
 * What files take of the folder's file system that have no name any more, but are held open or mapped by these processes:
 * no look into a folder finds them. (One that is on its way through a socket is held by nobody whom we could ask.)
 */
export async function namelessBytes(pids: readonly number[], dir: string): Promise<number> {
  const { dev } = await stat(dir);
  const found = new Map<number, number>();
  for (const pid of pids) {
    await addOpen(pid, dev, found);
    await addMapped(pid, dev, found);
  }
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function addOpen(pid: number, dev: number, found: Map<number, number>): Promise<void> {
  const fds = `/proc/${pid}/fd`;
  for (const fd of await readdir(fds).catch(() => [])) await addFile(`${fds}/${fd}`, dev, found);
}

/** Only root may ask for the file behind a mapping; for others it is as large as what is mapped of it. */
async function addMapped(pid: number, dev: number, found: Map<number, number>): Promise<void> {
  for (const line of (await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '')).split('\n')) {
    const [, from = '', to = '', offset = '', major = '', minor = '', inode = ''] = MAPPED.exec(line) ?? [];
    const ino = Number(inode);
    if (!from || deviceOf(hex(major), hex(minor)) !== dev || found.has(ino)) continue;
    const isExact = await addFile(`/proc/${pid}/map_files/${from}-${to}`, dev, found);
    if (!isExact) found.set(ino, hex(offset) + hex(to) - hex(from));
  }
}

async function addFile(path: string, dev: number, found: Map<number, number>): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (!file) return false;
  if (file.isFile() && file.nlink === 0 && file.dev === dev) found.set(file.ino, file.blocks * BLOCK);
  return true;
}

const hex = (digits: string): number => Number.parseInt(digits, 16);

/** As stat(2) has it: glibc's makedev. */
const deviceOf = (major: number, minor: number): number =>
  (major & 0xfff) * 2 ** 8 + (minor & 0xff) + (minor - (minor & 0xff)) * 2 ** 12;
