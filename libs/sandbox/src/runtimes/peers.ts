import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Whether the other end of a connection on our loopback belongs to one of these processes, by the kernel's account.
 * Clients of AWS' Runtime API know of no token, and everything on the machine can reach a loopback port.
 */
export function isHeldBy(pids: readonly number[], socket: Pick<Socket, 'remotePort' | 'localPort'>): boolean {
  const inode = inodeOf(socket);
  if (inode === undefined) return false;
  return pids.some((pid) => socketsOf(pid).has(`socket:[${inode}]`));
}

/**
 * proc(5), /proc/net/tcp: `  0: 0100007F:1F90 0100007F:C350 01 …`; local, then remote address as seen from the peer,
 * and the inode is the tenth field.
 */
function inodeOf({ remotePort = 0, localPort = 0 }: Pick<Socket, 'remotePort' | 'localPort'>): string | undefined {
  const [theirs, ours] = [hex(remotePort), hex(localPort)];
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    for (const line of read(table).split('\n')) {
      const [, local = '', remote = '', , , , , , , inode] = line.trim().split(/\s+/);
      if (local.endsWith(theirs) && remote.endsWith(ours) && inode !== '0') return inode;
    }
  }
  return undefined;
}

const hex = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;

function socketsOf(pid: number): Set<string> {
  const dir = `/proc/${pid}/fd`;
  try {
    return new Set(readdirSync(dir).flatMap((fd) => link(`${dir}/${fd}`)));
  } catch {
    return new Set(); // It has ended.
  }
}

function link(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
