import { randomBytes, randomUUID } from 'node:crypto';
import { Database, Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { sha256 } from '../catalogue/digest.js';
import { type Known, NameCache } from '../catalogue/name-cache.js';
import { DEFAULT_NAMESPACE } from '../namespaces/namespaces.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyNotFound } from './api-keys.errors.js';
import { FirstKeyRepository } from './first-key.repository.js';

const PREFIX_LENGTH = 12;

export interface ApiKeyView {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}

export interface Caller {
  readonly namespace: string;
  readonly keyId: string;
}

@Injectable()
export class ApiKeysService {
  /** By hash: every request asks for its caller. */
  private readonly callers: NameCache<Caller | undefined>;

  constructor(
    private readonly database: Database,
    private readonly firstKey: FirstKeyRepository,
    wakeups: Wakeups,
  ) {
    this.callers = new NameCache(wakeups, 'api-keys');
  }

  /** The key itself is in this answer only: what is kept is its hash. */
  async create(namespace: string, name: string): Promise<{ id: string; key: string }> {
    const id = randomUUID();
    const key = `spool_${randomBytes(32).toString('base64url')}`;
    const row = { id, namespace, name, prefix: key.slice(0, PREFIX_LENGTH), hash: sha256(key) };
    await this.database.manager.insert(ApiKeyEntity, row);
    this.callers.forget();
    return { id, key };
  }

  /**
   * Whose key this is; undefined if nobody's, or no longer: a revoked one is refused at once here, and by other gateways
   * within a second. A look-up by hash tells nothing by its timing.
   */
  authenticate(key: string): Known<Caller | undefined> {
    const hash = sha256(key);
    return this.callers.get(hash, () => this.callerOf(hash));
  }

  async list(namespace: string): Promise<ApiKeyView[]> {
    const keys = await this.database.manager.find(ApiKeyEntity, { where: { namespace }, order: { createdAt: 'asc' } });
    return keys.map(toView);
  }

  async revoke(namespace: string, id: string): Promise<void> {
    const where = { namespace, id, revokedAt: IsNull() };
    const { affected } = await this.database.manager.update(ApiKeyEntity, where, { revokedAt: () => 'now()' });
    if (affected === 0) throw new ApiKeyNotFound(id);
    this.callers.forget();
  }

  /** A key for whoever starts an empty installation; undefined if there has ever been one. */
  async ensureFirst(): Promise<string | undefined> {
    return this.database.transaction(async () => {
      await this.firstKey.lock();
      if (await this.database.manager.existsBy(ApiKeyEntity, {})) return undefined;
      return (await this.create(DEFAULT_NAMESPACE, 'first')).key;
    });
  }

  private async callerOf(hash: string): Promise<Caller | undefined> {
    const found = await this.database.manager.findOneBy(ApiKeyEntity, { hash, revokedAt: IsNull() });
    return found ? { namespace: found.namespace, keyId: found.id } : undefined;
  }
}

/** All but the hash. */
const toView = ({ id, namespace, name, prefix, createdAt, revokedAt }: ApiKeyEntity): ApiKeyView => ({
  id,
  namespace,
  name,
  prefix,
  createdAt,
  ...(revokedAt && { revokedAt }),
});
