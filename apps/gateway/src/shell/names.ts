import { entityName } from '@app/engine';
import { z } from 'zod';

export const name = entityName.meta({ description: 'Its name' });
export const uuid = z.uuid({ error: 'must be a UUID' }).meta({ description: 'Its id' });

/** As a definition may name them. */
const variable = z
  .string()
  .regex(
    /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u,
    'must be a letter or _, then letters, digits and _, 80 in all at most',
  )
  .refine((text) => text !== 'states', 'is reserved: $states is not a variable');
export const variables = z.record(variable, z.json());
