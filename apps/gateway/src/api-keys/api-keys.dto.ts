import type { ApiKeyView } from '@app/engine';
import { z } from 'zod';
import { name, uuid } from '../shell/names.js';
import { listOf } from '../shell/pages.js';

export const newApiKey = z.strictObject({ name }).meta({ id: 'NewApiKey' });
export type NewApiKey = z.output<typeof newApiKey>;

export const createdApiKey = z
  .object({ id: uuid, key: z.string().meta({ description: 'The key itself, in this answer only' }) })
  .meta({ id: 'CreatedApiKey' });

export const apiKeyList = listOf(
  z
    .object({
      id: uuid,
      name: z.string(),
      prefix: z.string().meta({ description: 'How the key begins' }),
      createdAt: z.iso.datetime(),
      revokedAt: z.iso.datetime().optional(),
    })
    .meta({ id: 'ApiKey' }),
);

export const toApiKeyView = ({ id, name: keyName, prefix, createdAt, revokedAt }: ApiKeyView) => ({
  id,
  name: keyName,
  prefix,
  createdAt: createdAt.toISOString(),
  ...(revokedAt && { revokedAt: revokedAt.toISOString() }),
});
