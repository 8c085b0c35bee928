import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4, type Socket } from 'node:net';
import { endianness } from 'node:os';

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/**
 * Whether the other end of a connection on our loopback belongs to one of these processes, by the kernel's account.
 * Clients of AWS' Runtime API know of no token, and everything on the machine can reach a loopback port.
 */
export function isHeldBy(pids: readonly number[], socket: Ends): boolean {
  const inode = inodeOf(socket);
  if (inode === undefined) return false;
  return pids.some((pid) => socketsOf(pid).has(`socket:[${inode}]`));
}

/**
 * proc(5), /proc/net/tcp: `  0: 0100007F:1F90 0100007F:C350 01 …`; local, then remote address as seen from the peer,
 * and the inode is the tenth field. The ports alone name no connection: whoever connects from another address of the
 * loopback may choose the port that an instance has.
 */
function inodeOf({ remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 }: Ends): string | undefined {
  if (!isIPv4(remoteAddress) || !isIPv4(localAddress)) return undefined;
  const [theirs, ours] = [`${hex(remoteAddress)}:${hexPort(remotePort)}`, `${hex(localAddress)}:${hexPort(localPort)}`];
  for (const [table, before] of TABLES) {
    for (const line of read(table).split('\n')) {
      const [, local, remote, , , , , , , inode] = line.trim().split(/\s+/);
      if (local === before + theirs && remote === before + ours && inode !== '0') return inode;
    }
  }
  return undefined;
}

const isLittle = endianness() === 'LE';
/** An IPv4 address in a socket of IPv6: words of 32 bits, each in the order of the machine. */
const MAPPED = `${'0'.repeat(16)}${isLittle ? 'FFFF0000' : '0000FFFF'}`;
const TABLES = [
  ['/proc/self/net/tcp', ''],
  ['/proc/self/net/tcp6', MAPPED],
] as const;

function hex(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return (isLittle ? bytes.toReversed() : bytes).join('');
}

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

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
