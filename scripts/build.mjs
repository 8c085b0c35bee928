// Compiles apps/, cli/ and libs/ into dist/ with SWC and turns the @app/* aliases into relative imports.
// Only what changed is compiled, and each file is replaced atomically, so several builds may run at once.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { transformFile } from '@swc/core';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist');
const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
const ROOTS = ['apps', 'cli', 'libs', 'migrations'];
const self = statSync(import.meta.filename).mtimeMs;

const swcOptions = (file) => ({
  filename: file,
  swcrc: false,
  sourceMaps: true,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
    baseUrl: root,
    paths: compilerOptions.paths,
  },
  module: { type: 'es6', resolveFully: true },
});

const files = (dir) =>
  existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name)) : [];
const isSource = (file) => file.endsWith('.ts') && !/\.(spec|contract|d)\.ts$/.test(file);
const outputOf = (file) => join(out, relative(root, file)).replace(/\.ts$/, '.js');
const isStale = (file) => {
  const output = outputOf(file);
  return !existsSync(output) || statSync(output).mtimeMs < Math.max(statSync(file).mtimeMs, self);
};

function replace(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  renameSync(partial, path);
}

async function compile(file) {
  const { code, map } = await transformFile(file, swcOptions(file));
  const output = outputOf(file);
  replace(`${output}.map`, map);
  replace(output, `${code}\n//# sourceMappingURL=${basename(output)}.map\n`);
}

const sources = ROOTS.flatMap((dir) => files(join(root, dir))).filter(isSource);
const wanted = new Set(sources.map(outputOf));
for (const file of ROOTS.flatMap((dir) => files(join(out, dir)))) {
  if (file.endsWith('.js') && !wanted.has(file)) for (const old of [file, `${file}.map`]) rmSync(old, { force: true });
}
const stale = sources.filter(isStale);
const started = performance.now();
await Promise.all(stale.map(compile));
if (stale.length > 0)
  console.log(`Built ${stale.length} of ${sources.length} files in ${Math.round(performance.now() - started)} ms`);
