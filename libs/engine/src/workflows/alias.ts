import { z } from 'zod';

/** As AWS has it: what is all digits is a version. */
export const aliasName = z
  .string()
  .regex(
    /^(?=.*[A-Za-z_.-])[A-Za-z0-9_.-]{1,80}$/,
    'must have 1 to 80 letters, digits, ".", "_" or "-", and not be a number',
  )
  .meta({ description: "The alias' name" });

const route = z.strictObject({
  version: z.int().min(1).max(2_147_483_647),
  weight: z.int().min(0).max(100).meta({ description: 'How many of 100 executions begin with this version' }),
});
export type Route = z.output<typeof route>;

export const newAlias = z
  .strictObject({
    description: z.string().max(256).optional(),
    routes: z
      .array(route)
      .min(1, 'must have one or two routes')
      .max(2, 'must have one or two routes')
      .refine((routes) => routes.reduce((sum, { weight }) => sum + weight, 0) === 100, {
        error: 'must have weights that are 100 together',
      })
      .refine((routes) => new Set(routes.map(({ version }) => version)).size === routes.length, {
        error: 'must not name a version twice',
      }),
  })
  .meta({ id: 'NewAlias' });
export type NewAlias = z.input<typeof newAlias>;

export interface WorkflowAlias {
  readonly workflow: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly routes: readonly Route[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which version an execution begins with; `chance` is from 0 up to, but not, 1. */
export function chooseVersion(routes: readonly Route[], chance: number): number | undefined {
  let rest = chance * 100;
  return routes.find(({ weight }) => (rest -= weight) < 0)?.version;
}
