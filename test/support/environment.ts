import { readFileSync } from 'node:fs';

const INFRASTRUCTURE = ['infrastructure', 'kafka'].map((name) => `libs/engine/src/infrastructure/${name}.config.ts`);

/** Where the schemas of the environment stand, by app. */
export const CONFIGS = {
  gateway: ['apps/gateway/src/config.ts', ...INFRASTRUCTURE],
  'trigger-router': ['apps/trigger-router/src/config.ts', ...INFRASTRUCTURE],
  executor: ['apps/executor/src/config.ts'],
  standalone: ['apps/standalone/src/config.ts'],
} as const;
export type App = keyof typeof CONFIGS;

/** The variables that an app's schema knows. */
export const variablesOf = (app: App): string[] => [
  ...new Set(
    CONFIGS[app].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^ +(SPOOL_[A-Z0-9_]+):/gm)].map(([, name = '']) => name),
    ),
  ),
];
