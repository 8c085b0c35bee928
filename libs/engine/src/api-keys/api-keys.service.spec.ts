import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { ApiKeysService } from './api-keys.service.js';
import { FirstKeyRepository } from './first-key.repository.js';

describe('ApiKeysService', () => {
  let postgres: TestDatabase;
  let keys: ApiKeysService;

  beforeAll(async () => {
    postgres = await createTestDatabase();
    keys = new ApiKeysService(postgres.database, new FirstKeyRepository(postgres.database), postgres.wakeups);
  });
  afterAll(() => postgres.drop());

  it('makes one first key, however many processes start together, and never another', async () => {
    const made = await Promise.all([keys.ensureFirst(), keys.ensureFirst(), keys.ensureFirst()]);
    const [first] = made.filter((key) => key !== undefined);
    expect(made.filter((key) => key !== undefined)).toHaveLength(1);
    expect(await keys.authenticate(first ?? '')).toMatchObject({ namespace: 'default' });

    const [{ id } = { id: '' }] = await keys.list('default');
    await keys.revoke('default', id);
    expect(await keys.ensureFirst()).toBeUndefined();
  });

  it('knows whose a key is', async () => {
    const { id, key } = await keys.create('default', 'ci');
    expect(key).toMatch(/^spool_[\w-]{43}$/);
    expect(await keys.authenticate(key)).toEqual({ namespace: 'default', keyId: id });
    expect(await keys.authenticate(`${key}x`)).toBeUndefined();
  });

  it('keeps only a hash of the key', async () => {
    const { id, key } = await keys.create('default', 'secret');
    const [row] = await postgres.database.query(sql`select * from api_key where id = ${id}`);
    expect(JSON.stringify(row)).not.toContain(key);
    expect(JSON.stringify(await keys.list('default'))).not.toContain(String(row?.['hash']));
  });

  it('refuses a revoked key at once', async () => {
    const { id, key } = await keys.create('default', 'old');
    expect(await keys.authenticate(key)).toEqual({ namespace: 'default', keyId: id });
    await keys.revoke('default', id);
    expect(await keys.authenticate(key)).toBeUndefined();
    await expect(keys.revoke('default', id)).rejects.toMatchObject({ code: 'api_key_not_found' });
  });

  it('does not revoke a key of another namespace', async () => {
    const { id, key } = await keys.create('default', 'mine');
    await expect(keys.revoke('spool', id)).rejects.toMatchObject({ code: 'api_key_not_found' });
    expect(await keys.authenticate(key)).toEqual({ namespace: 'default', keyId: id });
  });
});
