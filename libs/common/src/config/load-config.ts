import { z } from 'zod';

/** Reads the environment once, at start-up, and fails with every problem at the same time. */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): Readonly<z.infer<Schema>> {
  const parsed = schema.safeParse(env);
  if (!parsed.success) throw new Error(`Bad environment:\n${z.prettifyError(parsed.error)}`);
  return Object.freeze(parsed.data) as Readonly<z.infer<Schema>>;
}

export const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
export const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
