// Finds ffmpeg and ffprobe, or installs them: `node scripts/ffmpeg.mjs` says which are used.
// In this order: FFMPEG_PATH and FFPROBE_PATH, the PATH, Debian's package (as root), the binaries that npm carries.
// What is not on the PATH is linked into the data folder's bin/, which standalone puts on the PATH of functions.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const dataDir = resolve(process.env.SPOOL_DATA_DIR || join(root, '.spool'));
const binDir = join(dataDir, 'bin');
const names = ['ffmpeg', 'ffprobe'];
const says = {
  FFMPEG_PATH: 'from FFMPEG_PATH and FFPROBE_PATH',
  system: "the system's",
  apt: "Debian's package, installed now",
  npm: 'carried by npm packages',
};

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(name) {
  const dirs = (process.env.PATH ?? '').split(delimiter).filter((dir) => dir && resolve(dir) !== binDir);
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

/** The version that a program names, or undefined if it does not run: a wrong architecture, a missing library. */
function versionOf(path) {
  const { status, stdout } = spawnSync(path, ['-hide_banner', '-version'], { encoding: 'utf8', timeout: 30_000 });
  return status === 0 ? (/version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : undefined;
}

function fromEnvironment() {
  const { FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe } = process.env;
  if (!ffmpeg && !ffprobe) return undefined;
  if (!ffmpeg || !ffprobe) throw new Error('Set both FFMPEG_PATH and FFPROBE_PATH, or neither');
  for (const path of [ffmpeg, ffprobe])
    if (!versionOf(path)) throw new Error(`${path}, which the environment names, does not run`);
  return { ffmpeg: resolve(ffmpeg), ffprobe: resolve(ffprobe) };
}

function fromSystem() {
  const [ffmpeg, ffprobe] = names.map(onPath);
  return ffmpeg && ffprobe ? { ffmpeg, ffprobe } : undefined;
}

function fromApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) return undefined;
  process.stderr.write("ffmpeg is not installed: installing Debian's package (this may take a minute)\n");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args, seconds) =>
    spawnSync('apt-get', args, { env, stdio: 'ignore', timeout: seconds * 1_000 }).status === 0;
  apt(['update', '-qq'], 120);
  return apt(['install', '-y', '-qq', '--no-install-recommends', 'ffmpeg'], 300) ? fromSystem() : undefined;
}

/** npm leaves out x-bits where install scripts are off, and node_modules may belong to somebody else: then a copy is made. */
function runnable(path, name) {
  if (!existsSync(path)) return undefined;
  // For others too: a sandbox may run as another user.
  if ((statSync(path).mode & 0o111) === 0o111) return path;
  try {
    chmodSync(path, 0o755);
    return path;
  } catch {
    const copy = join(binDir, `npm-${name}`);
    makeBinDir();
    copyFileSync(path, copy);
    chmodSync(copy, 0o755);
    return copy;
  }
}

function fromNpm() {
  const [ffmpeg, ffprobe] = names.map((name) =>
    runnable(join(root, 'node_modules', `@${name}-installer`, `${process.platform}-${process.arch}`, name), name),
  );
  return ffmpeg && ffprobe ? { ffmpeg, ffprobe } : undefined;
}

function makeBinDir() {
  // Only the owner's, as standalone makes it.
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  mkdirSync(binDir, { recursive: true });
}

/** Links what is not on the PATH into the data folder, and takes away links of before. */
function link(found, source) {
  for (const name of names) {
    const path = join(binDir, name);
    if (source === 'system' || source === 'apt') {
      rmSync(path, { force: true });
      continue;
    }
    makeBinDir();
    const partial = `${path}.${process.pid}`;
    symlinkSync(found[name], partial);
    renameSync(partial, path);
  }
}

const ways = { FFMPEG_PATH: fromEnvironment, system: fromSystem, apt: fromApt, npm: fromNpm };

/** { ffmpeg, ffprobe, source, version }; throws with the remedy if there is none. */
export function ensureFfmpeg() {
  for (const [source, find] of Object.entries(ways)) {
    const found = find();
    const version = found && versionOf(found.ffmpeg);
    if (!version || !versionOf(found.ffprobe)) continue;
    link(found, source);
    return { ...found, source, version };
  }
  throw new Error(
    'No ffmpeg: install it (Debian, Ubuntu: `apt-get install ffmpeg`; macOS: `brew install ffmpeg`), or set FFMPEG_PATH and FFPROBE_PATH',
  );
}

export const describe = ({ version, source, ffmpeg }) => `ffmpeg ${version}, ${says[source]} (${ffmpeg})`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const found = ensureFfmpeg();
    process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(found) : describe(found)}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
