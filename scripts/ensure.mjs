// Runs before `npm start`, `npm run demo` and `npm test`: installs what is missing, then builds what changed.
// Uses nothing but Node itself, so it works on a fresh clone without node_modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const wants = (flag) => process.argv.includes(flag);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(`Cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function install() {
  const stamp = join(root, 'node_modules/.spool-stamp');
  const hash = createHash('sha256').update(process.version);
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, file)));
  const want = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return;
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  run(npm[0], [
    ...npm.slice(1),
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  writeFileSync(stamp, want);
}

/** The newest change under a folder, in milliseconds since the epoch; 0 if there is no such folder. */
function newest(dir) {
  if (!existsSync(dir)) return 0;
  const entries = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return Math.max(statSync(dir).mtimeMs, ...entries.map((name) => statSync(join(dir, name)).mtimeMs));
}

function buildConsole() {
  const sources = join(root, 'console');
  const built = join(root, 'dist/console/index.html');
  if (!existsSync(join(sources, 'vite.config.ts'))) return;
  if (existsSync(built) && statSync(built).mtimeMs >= newest(sources)) return;
  run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', 'console']);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Spool needs Node >= 20.19; this is ${process.version}`);
  process.exit(1);
}
install();
if (wants('--build')) run(process.execPath, [join(root, 'scripts/build.mjs')]);
if (wants('--console')) buildConsole();
// Without ffmpeg Spool starts all the same: only the media functions need it.
if (wants('--ffmpeg'))
  spawnSync(process.execPath, [join(root, 'scripts/ffmpeg.mjs')], { stdio: ['ignore', 'inherit', 'inherit'] });
