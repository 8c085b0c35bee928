import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import { BuiltinRepository } from '../catalogue/builtin.repository.js';
import { canonicalJson, sha256 } from '../catalogue/digest.js';
import { type NewFunction, newFunction } from './function-config.js';
import type { DeployedFunction } from './function-version.js';
import { FunctionsService } from './functions.service.js';

type Manifest = Omit<NewFunction, 'zip'>;

/** What a function gets that says nothing: where that changes, all are deployed anew. */
const RULES = newFunction.parse({ name: 'any', runtime: 'command', command: ['true'] });

/** Brings the functions of a folder, `<family>/<name>/function.json`, into the namespace that everybody sees. */
@Injectable()
export class BuiltinFunctions {
  private readonly logger = new Logger(BuiltinFunctions.name);

  constructor(
    private readonly functions: FunctionsService,
    private readonly builtins: BuiltinRepository,
  ) {}

  /** Gives those that were deployed: what has not changed since the last start is left alone. */
  async deployAll(dir: string): Promise<DeployedFunction[]> {
    const known = await this.builtins.digests('function');
    const deployed: DeployedFunction[] = [];
    for (const folder of await functionFolders(dir)) {
      const wanted = await readFunction(dir, folder);
      const digest = sha256(canonicalJson({ wanted, rules: RULES }));
      if (known.get(wanted.name) === digest) continue;
      const found = await this.functions.deploy(SYSTEM_NAMESPACE, wanted);
      await this.builtins.save('function', wanted.name, digest);
      if (found.isNew) this.logger.log(`Deployed ${found.functionName} version ${found.version}`);
      deployed.push(found);
    }
    return deployed;
  }
}

async function functionFolders(dir: string): Promise<string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && entry.name === 'function.json')
    .map((entry) => entry.parentPath)
    .toSorted();
}

/** In a folder's manifest `files` names files beside it, where the API takes their text; `lib/` names all of a folder. */
async function readFunction(root: string, folder: string): Promise<NewFunction> {
  const manifest = JSON.parse(await readFile(join(folder, 'function.json'), 'utf8')) as Manifest;
  if (!manifest.files) return manifest;
  const inside = (await realpath(root)) + sep;
  const named = await Promise.all(Object.entries(manifest.files).map(([path, source]) => expand(folder, path, source)));
  const files = await Promise.all(
    named.flat().map(async ([path, source]) => {
      const file = await realpath(source);
      if (!file.startsWith(inside)) throw new Error(`${folder}: the file ${source} lies outside ${root}`);
      return [path, await readFile(file, 'utf8')] as const;
    }),
  );
  return { ...manifest, files: Object.fromEntries(files) };
}

async function expand(folder: string, path: string, source: string): Promise<(readonly [string, string])[]> {
  const from = resolve(folder, source);
  if (!path.endsWith('/')) return [[path, from]];
  const entries = await readdir(from, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => [path + name, join(from, name)] as const);
}
