import { type FunctionVersion, functionConfig } from '@app/engine';
import { z } from 'zod';
import { listOf } from '../shell/pages.js';

export const functionView = functionConfig
  .extend({
    name: z.string(),
    namespace: z.string().meta({ description: '`spool` for a built-in function' }),
    version: z.int(),
    codeDigest: z.string().optional().meta({ description: "SHA-256 of the code's zip, in hex" }),
    createdAt: z.iso.datetime().meta({ description: 'When this version was first deployed' }),
  })
  .meta({ id: 'Function' });
export type FunctionView = z.input<typeof functionView>;
export const functionList = listOf(functionView);

export const toFunctionView = (version: FunctionVersion): FunctionView => ({
  name: version.functionName,
  namespace: version.namespace,
  version: version.version,
  ...version.config,
  ...(version.codeDigest && { codeDigest: version.codeDigest }),
  createdAt: version.createdAt.toISOString(),
});

export const invokeQuery = z.object({
  mode: z
    .enum(['sync', 'async'], { error: 'must be "sync" or "async"' })
    .default('sync')
    .meta({ description: 'sync waits for the result; async answers at once' }),
  qualifier: z
    .string()
    .regex(/^(\$LATEST|[1-9]\d{0,9})$/, 'must be a version number or $LATEST')
    .optional()
    .meta({ description: 'The version to run; the latest by default' }),
  cache: z
    .enum(['on', 'off'], { error: 'must be "on" or "off"' })
    .default('on')
    .meta({ description: 'off runs it, whatever is known of its result' }),
  dedupKey: z.string().optional().meta({
    description:
      'With mode=async: while it is remembered, the first invocation with it is that of all. Or send `Idempotency-Key`',
  }),
  waitSeconds: z.coerce
    .number()
    .min(0)
    .max(900)
    .default(60)
    .meta({ description: 'How long sync waits; what has not ended by then goes on, and the answer is 202' }),
});
export type InvokeQuery = z.output<typeof invokeQuery>;
