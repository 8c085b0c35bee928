import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { sha256 } from '../catalogue/digest.js';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { BuiltinFunctions } from './builtins.js';
import { CodeStore } from './code-store.js';
import type { NewFunction } from './function-config.js';
import { FunctionsService } from './functions.service.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

const wanted = (name: string, text = '1', more: Partial<NewFunction> = {}): NewFunction => ({
  name,
  runtime: 'nodejs',
  files: { 'index.js': text },
  ...more,
});

describe('FunctionsService', () => {
  let engine: TestEngine;
  let functions: FunctionsService;
  let code: CodeStore;
  let uses: UsesRepository;

  beforeAll(async () => {
    engine = await createEngine();
    ({ functions } = engine);
    code = engine.app.get(CodeStore, { strict: false });
    uses = new UsesRepository(engine.database);
  });
  afterAll(() => engine?.close());

  it('makes one version of the same thing, however often and however many at once deploy it', async () => {
    const deployed = await Promise.all(Array.from({ length: 8 }, () => functions.deploy('default', wanted('same'))));
    expect(new Set(deployed.map(({ id }) => id)).size).toBe(1);
    expect(deployed.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it('gives a configuration back as it was written', async () => {
    const environment = { ZETA: '1', A: '2', MIDDLE: '3' };
    await functions.deploy('default', { name: 'told', runtime: 'command', command: ['true'], environment });
    const { config } = await functions.get('default', 'told');
    expect(JSON.stringify(config.environment)).toBe(JSON.stringify(environment));
  });

  it('numbers versions without a gap when many are deployed at once', async () => {
    const texts = Array.from({ length: 8 }, (_, n) => String(n));
    const deployed = await Promise.all(texts.map((text) => functions.deploy('default', wanted('many', text))));
    expect(deployed.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('makes a new version for a new configuration, whatever the order of its fields', async () => {
    const first = await functions.deploy('default', wanted('configured', '1', { environment: { A: '1', B: '2' } }));
    const same = await functions.deploy('default', wanted('configured', '1', { environment: { B: '2', A: '1' } }));
    const other = await functions.deploy('default', wanted('configured', '1', { memoryMb: 1_024 }));
    expect([first.version, same.version, other.version]).toEqual([1, 1, 2]);
    expect(other.codeDigest).toBe(first.codeDigest);
  });

  it('keeps the code in the store under the digest of its bytes', async () => {
    const { codeDigest = '' } = await functions.deploy('default', wanted('stored', 'exports.handler = 1'));
    const archive = await buffer(await code.get(codeDigest));
    expect(sha256(archive)).toBe(codeDigest);
    expect(archive.toString('latin1')).toContain('exports.handler = 1');
  });

  it('needs no code for a command', async () => {
    const deployed = await functions.deploy('default', { name: 'cmd', runtime: 'command', command: ['true'] });
    expect(deployed.codeDigest).toBeUndefined();
    expect(deployed.config).not.toHaveProperty('handler');
  });

  it('resolves the latest version, a number, and nothing else', async () => {
    await functions.deploy('default', wanted('resolved', '1'));
    await functions.deploy('default', wanted('resolved', '2'));
    const versionOf = async (qualifier?: string) =>
      (await functions.resolve('default', 'resolved', qualifier))?.version;
    expect(await Promise.all([undefined, '$LATEST', '1', '2'].map(versionOf))).toEqual([2, 2, 1, 2]);
    expect(await Promise.all(['0', '3', 'x', '1.5', '99999999999'].map(versionOf))).toEqual(Array(5).fill(undefined));
    expect(await functions.resolve('default', 'nothing')).toBeUndefined();
  });

  it('goes back to an older version when that is deployed again', async () => {
    await functions.deploy('default', wanted('back', '1'));
    await functions.deploy('default', wanted('back', '2'));
    await functions.deploy('default', wanted('back', '1'));
    expect((await functions.get('default', 'back')).version).toBe(1);
    expect((await functions.deploy('default', wanted('back', '3'))).version).toBe(3);
  });

  it('shows built-in functions to all, and one’s own before them', async () => {
    await functions.deploy('spool', wanted('shared', 'built in'));
    expect((await functions.resolve('default', 'shared'))?.namespace).toBe('spool');
    await functions.deploy('default', wanted('shared', 'own'));
    expect((await functions.resolve('default', 'shared'))?.namespace).toBe('default');
    const listed = (await functions.list('default')).filter(({ functionName }) => functionName === 'shared');
    expect(listed.map(({ namespace }) => namespace)).toEqual(['default']);
  });

  it('does not let anybody delete a built-in function or one that a trigger starts', async () => {
    await functions.deploy('spool', wanted('builtin'));
    await expect(functions.delete('default', 'builtin')).rejects.toMatchObject({ code: 'function_not_found' });
    await functions.deploy('default', wanted('used'));
    const source = { bucket: 'uploads' };
    await engine.triggers.create('default', { name: 't', kind: 'object', source, target: { function: 'used' } });
    await expect(functions.delete('default', 'used')).rejects.toMatchObject({ code: 'function_in_use' });
    await engine.triggers.delete('default', 't');
    await functions.delete('default', 'used');
    expect(await functions.resolve('default', 'used')).toBeUndefined();
  });

  it('finds a version by its id and says when there is none', async () => {
    const deployed = await functions.deploy('default', wanted('by-id'));
    const fresh = new FunctionsService(engine.database, code, uses, engine.wakeups);
    expect(await fresh.getVersion(deployed.id)).toMatchObject({ functionName: 'by-id', version: 1 });
    await expect(fresh.getVersion(NOBODY)).rejects.toMatchObject({ code: 'function_version_not_found' });
  });

  it('stores no version whose code could not be stored', async () => {
    const broken = Object.assign(Object.create(code), { put: () => Promise.reject(new Error('the store is away')) });
    await expect(
      new FunctionsService(engine.database, broken, uses, engine.wakeups).deploy('default', wanted('unstored')),
    ).rejects.toThrow();
    const rows = await engine.database.query(sql`select from function where name = 'unstored'`);
    expect(rows).toHaveLength(0);
  });

  describe('built-in functions', () => {
    let dir: string;
    let builtins: BuiltinFunctions;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'spool-builtins-'));
      builtins = engine.app.get(BuiltinFunctions, { strict: false });
      await mkdir(join(dir, 'family/one'), { recursive: true });
      await mkdir(join(dir, 'family/lib'));
      const files = { 'index.mjs': 'index.mjs', 'lib/shared.mjs': '../lib/shared.mjs' };
      await writeFile(
        join(dir, 'family/one/function.json'),
        JSON.stringify({ name: 'family.one', runtime: 'nodejs', files }),
      );
      await writeFile(join(dir, 'family/one/index.mjs'), 'export const handler = 1;');
      await writeFile(join(dir, 'family/lib/shared.mjs'), 'export const shared = 1;');
    });
    afterAll(() => rm(dir, { recursive: true, force: true }));

    it('are deployed from their folders, with files they share, and once', async () => {
      const [first] = await builtins.deployAll(dir);
      expect(first).toMatchObject({ functionName: 'family.one', namespace: 'spool', version: 1, isNew: true });
      const archive = await buffer(await code.get(first?.codeDigest ?? ''));
      expect(archive.toString('latin1')).toContain('lib/shared.mjs');
      expect(await builtins.deployAll(dir)).toEqual([]);
    });

    it('are deployed anew when a file that they share has changed, and those alone', async () => {
      await mkdir(join(dir, 'family/alone'));
      await writeFile(join(dir, 'family/alone/index.mjs'), 'export const handler = 2;');
      const manifest = { name: 'family.alone', runtime: 'nodejs', files: { 'index.mjs': 'index.mjs' } };
      await writeFile(join(dir, 'family/alone/function.json'), JSON.stringify(manifest));
      expect(await builtins.deployAll(dir)).toMatchObject([{ functionName: 'family.alone', version: 1 }]);
      await writeFile(join(dir, 'family/lib/shared.mjs'), 'export const shared = 2;');
      expect(await builtins.deployAll(dir)).toMatchObject([{ functionName: 'family.one', version: 2, isNew: true }]);
    });

    it('take no file from outside, not even through a link', async () => {
      await mkdir(join(dir, 'family/two'));
      await symlink('/etc/hostname', join(dir, 'family/two/index.mjs'));
      const manifest = { name: 'family.two', runtime: 'nodejs', files: { 'index.mjs': 'index.mjs' } };
      await writeFile(join(dir, 'family/two/function.json'), JSON.stringify(manifest));
      await expect(builtins.deployAll(dir)).rejects.toThrow(/outside/);
    });

    it('of this repository can all be deployed', async () => {
      const own = join(__dirname, '../../../../functions');
      const manifests = (await readdir(own, { recursive: true })).filter((file) => file.endsWith('/function.json'));
      const names = manifests.map((file) => file.split('/').slice(0, 2).join('.'));
      const deployed = await builtins.deployAll(own);
      expect(deployed.map(({ functionName }) => functionName).toSorted()).toEqual(names.toSorted());
      expect(names).toContain('media.transcode');
    });
  });
});
