import { entityName } from '@app/engine';
import { z } from 'zod';

export const name = entityName.meta({ description: 'Its name' });
export const uuid = z.uuid({ error: 'must be a UUID' }).meta({ description: 'Its id' });
