// Runs many calls of built-in functions in one process, two at a time: [{ name, event, inputs, limitMs }] on stdin.
// An input is a path, or a list of paths. Prints one line of JSON for each call as it ends:
// { index, result | error and cause, percents, outputs: { name: path } }. What takes longer than its limit is `TooLong`.
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { layOut } from './package.mjs';

const lanes = 2;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const loaded = new Map();

/** A function's package as it is deployed, laid out and imported once. */
function load(name) {
  if (!loaded.has(name)) {
    const code = mkdtempSync(join(tmpdir(), 'code-'));
    const definition = layOut(resolve(import.meta.dirname, '..', name), code);
    const handler = import(pathToFileURL(join(code, 'index.mjs')).href).then((module) => module.handler);
    loaded.set(
      name,
      handler.then((call) => ({ definition, call })),
    );
  }
  return loaded.get(name);
}

/** Under names without an extension, as the executor brings them. */
function bring(given, path) {
  if (typeof given === 'string') return cpSync(given, path);
  mkdirSync(path);
  for (const [index, file] of given.entries()) cpSync(file, join(path, String(index).padStart(4, '0')));
}

async function attempt({ name, event, inputs: given }, percents) {
  const { definition, call } = await load(name);
  const work = mkdtempSync(join(tmpdir(), 'call-'));
  for (const dir of ['inputs', 'outputs']) mkdirSync(join(work, dir));
  const paths = (names, dir) => Object.fromEntries(names.map((each) => [each, join(work, dir, each)]));
  const inputs = paths(Object.keys(given), 'inputs');
  for (const [field, path] of Object.entries(inputs)) bring(given[field], path);
  const outputs = paths(Object.keys(definition.outputs ?? {}), 'outputs');
  try {
    return {
      result: await call(event, { inputs, outputs, progress: ({ percent }) => percents.push(percent) }),
      outputs,
    };
  } catch (error) {
    return { error: error.name, cause: error.message, outputs };
  }
}

const late = (limitMs) =>
  new Promise((tell) => setTimeout(tell, limitMs, { error: 'TooLong', cause: `not done in ${limitMs} ms` }).unref());

const calls = JSON.parse(readFileSync(0, 'utf8'));
const waiting = calls.map((call, index) => ({ ...call, index }));
async function lane() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const percents = [];
    say({ index: next.index, ...(await Promise.race([attempt(next, percents), late(next.limitMs)])), percents });
  }
}
await Promise.all(Array.from({ length: lanes }, lane));
process.exit();
