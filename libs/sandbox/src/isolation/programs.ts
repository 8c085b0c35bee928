import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, parse, sep } from 'node:path';
import { promisify } from 'node:util';
import { findExecutable } from '../runtimes/find-executable.js';

/** Programs of this machine that functions rely on, wherever they are installed. */
export interface Programs {
  /** To be shown under `TOOLS_DIR`: name → the file. */
  readonly tools: Readonly<Record<string, string>>;
  /** Whole folders, shown where they are: Python looks for its library beside itself. */
  readonly folders: readonly string[];
  readonly path: string;
}

/** Shown as they are: what the system itself consists of. */
export const SYSTEM_DIRS = ['/usr', '/nix/store'];
export const TOOLS_DIR = '/spool/bin';
/** Links into /usr on most systems, folders on some. */
export const SYSTEM_LINKS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

const TOOLS = ['ffmpeg', 'ffprobe'];
const run = promisify(execFile);
const PYTHON = 'import sys, sysconfig; print("\\n".join([sys.executable, sys.prefix, sys.base_prefix]))';

/**
 * Finds node, python3, ffmpeg and ffprobe on the path. What is not part of the system is shown besides it, and
 * nothing else of the folders on the path that lie elsewhere, such as those in a home.
 */
export async function findPrograms(path: string, extra: readonly string[]): Promise<Programs> {
  const places = { path, dir: '/' };
  const python = await pythonAt(findExecutable('python3', places));
  const found = TOOLS.flatMap((name) => {
    const file = findExecutable(name, places);
    return file ? [[name, file] as const] : [];
  });
  const tools = [['node', process.execPath] as const, ...found]
    .map(([name, file]) => [name, realpathSync(file)] as const)
    .filter(([, file]) => !isOfSystem(file));
  const folders = [...new Set([...python.folders, ...extra])].filter((dir) => !isOfSystem(dir));
  const isShown = (dir: string) => isOfSystem(dir) || folders.some((folder) => isBelow(dir, folder));
  const shownPath = path.split(delimiter).filter((dir) => isAbsolute(dir) && existsSync(dir) && isShown(dir));
  return {
    tools: Object.fromEntries(tools),
    folders,
    path: [...new Set([TOOLS_DIR, ...python.path, ...shownPath])].join(delimiter),
  };
}

/** `python3` may be a script that picks one of many, as pyenv's: only it can say which, and where its library is. */
async function pythonAt(file: string | undefined): Promise<{ folders: string[]; path: string[] }> {
  if (!file) return { folders: [], path: [] };
  const { stdout } = await run(file, ['-I', '-c', PYTHON], { timeout: 10_000 }).catch(() => ({ stdout: '' }));
  const [executable = '', prefix = '', base = ''] = stdout.split('\n');
  if (!executable) return { folders: [], path: [] };
  return { folders: [prefix, base].filter(mayBeShown), path: [dirname(executable)] };
}

/** Not so wide that it would show a home or the whole machine. */
function mayBeShown(dir: string): boolean {
  const isWide = dirname(dir) === parse(dir).root || dirname(dir) === '/home' || dir === '/';
  return isAbsolute(dir) && existsSync(dir) && !isWide;
}

export const isBelow = (path: string, dir: string): boolean => path === dir || path.startsWith(dir + sep);

export const isOfSystem = (path: string): boolean =>
  [...SYSTEM_DIRS, ...SYSTEM_LINKS].some((dir) => isBelow(path, dir));
