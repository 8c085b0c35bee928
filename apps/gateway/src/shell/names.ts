import { entityName } from '@app/engine';
import { z } from 'zod';

export const name = entityName;
export const uuid = z.uuid({ error: 'must be a UUID' });
