import { z } from 'zod';

/** A name that people choose: of a function, a workflow, a trigger. It is used in addresses and metrics as it is. */
export const entityName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must have 1 to 64 letters, digits, ".", "_" or "-", and begin with a letter or digit',
  );
