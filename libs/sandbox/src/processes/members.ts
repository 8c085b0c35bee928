import { environOf, isAlive, listProcesses, type ProcessInfo, signalGroup, signalProcess } from './processes.js';

/** Who belongs to a sandbox, and how to hit all of them. */
export interface Members {
  list(): number[];
  strike(): void;
}

/** Written into the environment of a sandbox's first process; what it starts inherits it. */
export const MARKER = 'SPOOL_SANDBOX';

/**
 * Without a cgroup, belonging is a guess from what the processes show: the group or the session of the first
 * one, descent from a member, or the marker in the environment. A daemon that clears its environment and cuts
 * its descent (double fork, setsid) before it was ever seen is missed.
 */
export class SearchedMembers implements Members {
  private readonly seen = new Map<number, string>();

  constructor(
    private readonly leader: number,
    private readonly marker: string,
  ) {}

  list(): number[] {
    const members = this.search().filter(isAlive);
    for (const { pid, startTime } of members) this.seen.set(pid, startTime);
    return members.map(({ pid }) => pid);
  }

  /** Stops first: a process that cannot run cannot fork away from the kill that follows. */
  strike(): void {
    const stopped = this.list();
    for (const pid of stopped) signalProcess(pid, 'SIGSTOP');
    const all = new Set([...stopped, ...this.list()]);
    if (all.has(this.leader)) signalGroup(this.leader, 'SIGKILL');
    for (const pid of all) signalProcess(pid, 'SIGKILL');
  }

  private search(): ProcessInfo[] {
    const all = listProcesses();
    const members = new Set(all.filter((info) => this.isMember(info)).map(({ pid }) => pid));
    let size = -1;
    while (size !== members.size) {
      size = members.size;
      for (const { pid, ppid } of all) if (members.has(ppid)) members.add(pid);
    }
    return all.filter(({ pid }) => members.has(pid));
  }

  private isMember({ pid, pgid, session, startTime }: ProcessInfo): boolean {
    if (pgid === this.leader || session === this.leader || this.seen.get(pid) === startTime) return true;
    return environOf(pid).includes(`${MARKER}=${this.marker}\0`);
  }
}

/** Processes whose marker names one of these owners, as `<owner>/<sandbox>`. */
export function findMarked(isWanted: (owner: string) => boolean): ProcessInfo[] {
  return listProcesses().filter((info) => {
    const owner = new RegExp(`(?:^|\\0)${MARKER}=([^/\\0]+)/`).exec(environOf(info.pid))?.[1];
    return owner !== undefined && isWanted(owner) && isAlive(info);
  });
}
