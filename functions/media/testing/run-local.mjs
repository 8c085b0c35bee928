// Runs a built-in function without Spool: node run-local.mjs media/transcode source=in.mp4 video=out.mp4 < event.json
// A list of inputs has commas: sources=a.mp4,b.mp4. An output that is a folder becomes a folder.
// Prints one line of JSON for each progress, and at the end { result } or { error, cause }.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { layOut } from './package.mjs';

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** As the executor does it: inputs under names without an extension, outputs moved out only after success. */
function workFolder(definition, files) {
  const work = mkdtempSync(join(tmpdir(), 'spool-local-'));
  for (const dir of ['inputs', 'outputs', 'code']) mkdirSync(join(work, dir));
  const paths = (names, dir) =>
    Object.fromEntries(
      Object.keys(names ?? {})
        .filter((name) => files[name])
        .map((name) => [name, join(work, dir, name)]),
    );
  const inputs = paths(definition.inputs, 'inputs');
  const outputs = paths(definition.outputs, 'outputs');
  for (const [name, path] of Object.entries(inputs)) bring(files[name], path);
  return { work, inputs, outputs };
}

const pathsIn = (text) => (text.includes(',') ? text : resolve(text));

function bring(from, path) {
  if (!from.includes(',')) return existsSync(from) && cpSync(from, path);
  mkdirSync(path);
  for (const [index, file] of from.split(',').filter(Boolean).entries())
    cpSync(file, join(path, String(index).padStart(4, '0')));
}

const [name, ...pairs] = process.argv.slice(2);
const files = Object.fromEntries(pairs.map((pair) => [pair.split('=')[0], pathsIn(pair.slice(pair.indexOf('=') + 1))]));
const functionDir = resolve(import.meta.dirname, '../..', name);
const definition = JSON.parse(readFileSync(join(functionDir, 'function.json'), 'utf8'));
const { work, inputs, outputs } = workFolder(definition, files);
try {
  layOut(functionDir, join(work, 'code'));
  const { handler } = await import(pathToFileURL(join(work, 'code/index.mjs')).href);
  const event = JSON.parse(readFileSync(0, 'utf8'));
  const result = await handler(event, { inputs, outputs, progress: (progress) => say({ progress }) });
  for (const [output, path] of Object.entries(outputs)) {
    cpSync(path, files[output], { recursive: true });
  }
  say({ result });
} catch (error) {
  say({ error: error.name, cause: error.message });
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
