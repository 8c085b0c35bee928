import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';

/** How to run a program that refuses to run as root: words to put before it, or another user's ids. */
export interface Unprivileged {
  readonly prefix: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

const NOBODY = 65_534;
const THROUGH_FOLDERS = 'dac_override';
const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];

/**
 * Postgres refuses to run as root. A user namespace in which root is nobody needs no change of owner and
 * works below folders that only root may enter (a clone in /root). Where there is none (many containers), a
 * system user serves; he keeps root's way through such folders if the kernel and setpriv allow it.
 */
export function unprivileged(dataDir: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} };
  const { uid: owner, gid } = statSync(dataDir);
  if (owner !== 0) return asUser({ uid: owner, gid });
  const [command = '', ...args] = [...NAMESPACE, 'true'];
  if (spawnSync(command, args).status === 0) return { prefix: NAMESPACE, ids: {} };
  const user = systemUser();
  chownSync(dataDir, user.uid, user.gid);
  return asUser(user);
}

function asUser({ uid, gid }: { uid: number; gid: number }): Unprivileged {
  const ids = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const prefix = [...ids, `--inh-caps=+${THROUGH_FOLDERS}`, `--ambient-caps=+${THROUGH_FOLDERS}`];
  const [command = '', ...args] = [...prefix, 'true'];
  return spawnSync(command, args).status === 0 ? { prefix, ids: {} } : { prefix: [], ids: { uid, gid } };
}

function systemUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => lines.find(([user]) => user === name)).find(Boolean);
  if (!found) throw new Error('Postgres refuses to run as root and there is no user postgres or nobody to run it as');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Words that make the kernel send SIGINT to the program when we die, so that it never outlives a kill -9. */
export function tiedToParent(): readonly string[] {
  const works = process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0;
  return works ? ['setpriv', '--pdeathsig', 'INT'] : [];
}
