// Processor time of a process and of what it has started, by what it is: from /proc, so on Linux only.
import { readFileSync, readdirSync } from 'node:fs';

/** In milliseconds, so far: of the process itself, of its Postgres, and of the instances of functions. */
export function processorTimes(root) {
  const all = new Map(readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? factsOf(name) : [])));
  const times = { own: 0, postgres: 0, instances: 0 };
  for (const [pid, { name, ms }] of all) {
    if (!isBelow(all, pid, root)) continue;
    times[pid === root ? 'own' : name === 'postgres' ? 'postgres' : 'instances'] += ms;
  }
  return times;
}

/** What one call took of each between two looks. */
export const perCall = (before, after, calls) =>
  Object.fromEntries(Object.keys(before).map((name) => [name, (after[name] - before[name]) / calls]));

function factsOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    const parent = Number(stat.slice(end + 2).split(' ')[1]);
    const threads = readdirSync(`/proc/${pid}/task`);
    const ns = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
    const ms = ns.reduce((sum, one) => sum + one, 0) / 1e6;
    return [[Number(pid), { parent, name: stat.slice(stat.indexOf('(') + 1, end), ms }]];
  } catch {
    return []; // It has ended.
  }
}

function isBelow(all, pid, root) {
  for (let at = pid; at; at = all.get(at)?.parent) if (at === root) return true;
  return false;
}
