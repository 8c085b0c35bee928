import { randomUUID } from 'node:crypto';
import { Database, parse, Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { type FindOptionsWhere, In } from 'typeorm';
import { canonicalJson, sha256 } from '../catalogue/digest.js';
import { ImmutableCache } from '../catalogue/immutable-cache.js';
import { lockByName } from '../catalogue/lock-by-name.js';
import { type Known, NameCache, whenKnown } from '../catalogue/name-cache.js';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import { CodeStore } from './code-store.js';
import { archiveOf } from './function-code.js';
import { type FunctionConfig, type NewFunction, newFunction } from './function-config.js';
import { type DeployedFunction, type FunctionVersion, toFunctionVersion } from './function-version.js';
import { FunctionVersionEntity } from './function-version.entity.js';
import { FunctionEntity } from './function.entity.js';
import { DEFAULT_HANDLER } from './runtime-rules.js';
import { FunctionInUse, FunctionNotFound, FunctionVersionNotFound } from './functions.errors.js';

const CACHED_VERSIONS = 1_000;
/** Postgres' integer. */
const MAX_VERSION = 2_147_483_647;
export const LATEST = '$LATEST';

type VersionQuery = FindOptionsWhere<FunctionVersionEntity>;

interface NewVersion {
  readonly namespace: string;
  readonly name: string;
  readonly digest: string;
  readonly codeDigest: string | undefined;
  readonly config: FunctionConfig;
}

@Injectable()
export class FunctionsService {
  private readonly cache = new ImmutableCache<FunctionVersion>(CACHED_VERSIONS);
  private readonly names: NameCache<FunctionEntity | undefined>;

  constructor(
    private readonly database: Database,
    private readonly code: CodeStore,
    private readonly uses: UsesRepository,
    wakeups: Wakeups,
  ) {
    this.names = new NameCache(wakeups, 'functions');
  }

  /** Makes a new version, unless exactly this was deployed before. */
  async deploy(namespace: string, wanted: NewFunction): Promise<DeployedFunction> {
    const checked = parse(newFunction, wanted);
    const { name, files: _files, zip: _zip, ...given } = checked;
    const config = given.runtime === 'command' ? given : { ...given, handler: given.handler ?? DEFAULT_HANDLER };
    const archive = await archiveOf(checked);
    const codeDigest = archive && sha256(archive);
    const digest = sha256(canonicalJson({ config, codeDigest }));
    const known = await this.findVersion({ digest, function: { namespace, name } });
    if (known) return this.save({ namespace, name, digest, codeDigest, config });
    // The code first: a version without its code could be given to an executor, code without a version harms nobody.
    if (archive) await this.code.put(archive);
    return this.save({ namespace, name, digest, codeDigest, config });
  }

  /** The latest version, the caller's own before a built-in one. */
  async get(namespace: string, name: string): Promise<FunctionVersion> {
    const found = await this.resolve(namespace, name);
    if (!found) throw new FunctionNotFound(name);
    return found;
  }

  /** The latest version of each, built-in functions included. */
  async list(namespace: string): Promise<FunctionVersion[]> {
    const rows = await this.database.manager
      .createQueryBuilder(FunctionVersionEntity, 'v')
      .innerJoinAndSelect('v.function', 'f', 'f.latestVersion = v.version')
      .where('f.namespace in (:...namespaces)', { namespaces: [namespace, SYSTEM_NAMESPACE] })
      .orderBy('f.name')
      .getMany();
    const own = new Set(rows.filter((row) => row.function.namespace === namespace).map((row) => row.function.name));
    return rows
      .filter(({ function: { namespace: home, name } }) => home === namespace || !own.has(name))
      .map(toFunctionVersion);
  }

  async versions(namespace: string, name: string): Promise<FunctionVersion[]> {
    const owner = await this.findFunction(namespace, name);
    if (!owner) throw new FunctionNotFound(name);
    const rows = await this.database.manager.find(FunctionVersionEntity, {
      where: { functionId: owner.id },
      relations: { function: true },
      order: { version: 'desc' },
    });
    return rows.map(toFunctionVersion);
  }

  /** Removes all its versions. What runs goes on; what is queued fails with Function.NotFound. */
  async delete(namespace: string, name: string): Promise<void> {
    await this.database.transaction(async () => {
      const { manager } = this.database;
      const lock = { mode: 'pessimistic_write' } as const;
      const found = await manager.findOne(FunctionEntity, { where: { namespace, name }, lock });
      if (!found) throw new FunctionNotFound(name);
      const users = await this.uses.listTriggers(namespace, 'function', name);
      if (users.length > 0) throw new FunctionInUse(name, users);
      await manager.delete(FunctionEntity, { id: found.id });
      this.names.forget();
    });
  }

  /** Finds what `name` means in a namespace: its own function first, then a built-in one. */
  resolve(namespace: string, name: string, qualifier: string | number = LATEST): Known<FunctionVersion | undefined> {
    return whenKnown(this.findFunction(namespace, name), (owner) => {
      if (!owner) return undefined;
      const version = qualifier === LATEST ? owner.latestVersion : Number(qualifier);
      if (!Number.isSafeInteger(version) || version < 1 || version > MAX_VERSION) return undefined;
      return this.cache.get(`${owner.id}:${version}`) ?? this.findVersion({ functionId: owner.id, version });
    });
  }

  async getVersion(id: string): Promise<FunctionVersion> {
    const found = this.cache.get(id) ?? (await this.findVersion({ id }));
    if (!found) throw new FunctionVersionNotFound(id);
    return found;
  }

  private findFunction(namespace: string, name: string): Known<FunctionEntity | undefined> {
    return this.names.get(`${namespace}/${name}`, async () => {
      const where = { namespace: In([namespace, SYSTEM_NAMESPACE]), name };
      const found = await this.database.manager.find(FunctionEntity, { where });
      return found.find((candidate) => candidate.namespace === namespace) ?? found[0];
    });
  }

  private async findVersion(where: VersionQuery): Promise<FunctionVersion | undefined> {
    const row = await this.database.manager.findOne(FunctionVersionEntity, { where, relations: { function: true } });
    if (!row) return undefined;
    const found = toFunctionVersion(row);
    this.cache.set(`${row.functionId}:${row.version}`, found);
    return this.cache.set(row.id, found);
  }

  private async save({ namespace, name, ...content }: NewVersion): Promise<DeployedFunction> {
    const { id, isNew } = await this.database.transaction(async () => {
      const { manager } = this.database;
      const owner = await lockByName(manager, FunctionEntity, { namespace, name });
      const known = await this.findVersion({ functionId: owner.id, digest: content.digest });
      const version = known?.version ?? (await this.highestVersion(owner.id)) + 1;
      const row = { id: known?.id ?? randomUUID(), functionId: owner.id, version, ...content };
      if (!known) await manager.insert(FunctionVersionEntity, row as never);
      // Deploying an older version again is how one goes back to it.
      if (owner.latestVersion !== version) {
        await manager.update(FunctionEntity, { id: owner.id }, { latestVersion: version, updatedAt: () => 'now()' });
      }
      this.names.forget();
      return { id: row.id, isNew: !known };
    });
    return { ...(await this.getVersion(id)), isNew };
  }

  private async highestVersion(functionId: string): Promise<number> {
    return (await this.database.manager.maximum(FunctionVersionEntity, 'version', { functionId })) ?? 0;
  }
}
