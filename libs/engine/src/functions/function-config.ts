import { networks, runtimes } from '@app/worker-api';
import { validatePath } from '@app/workflow';
import { z } from 'zod';
import { entityName } from '../catalogue/names.js';
import { placementFields, rulesOfPlacement } from '../placement/placement-config.js';
import { filePath, type Files, pathConflicts } from './file-path.js';
import { rulesOfConcurrency, rulesOfRuntime } from './runtime-rules.js';

const MAX_ENVIRONMENT_BYTES = 32 * 1024;
/** Set by the executor; a function that could set them would see another wire or other files. */
const RESERVED_VARIABLE = /^(SPOOL_|AWS_LAMBDA_|LAMBDA_|_HANDLER$)/;

const variableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    'must be a variable name: letters, digits and "_", not beginning with a digit',
  )
  .refine((name) => !RESERVED_VARIABLE.test(name), 'is set by Spool itself');

const environment = z
  .record(
    variableName,
    z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL character'),
  )
  .refine((all) => Buffer.byteLength(JSON.stringify(all)) <= MAX_ENVIRONMENT_BYTES, 'must not be larger than 32 KiB');

const channelName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must begin with a letter and have only letters, digits, "_" and "-"');

const jsonPath = z.string().superRefine((path, context) => {
  for (const { message } of validatePath(path)) context.addIssue({ code: 'custom', message });
});

const channels = z
  .record(channelName, jsonPath)
  .refine((all) => Object.keys(all).length <= 16, 'must not have more than 16 entries');

const label = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._=-]{0,62}$/,
    'must have 1 to 63 lower-case letters, digits, ".", "_", "=" or "-", and begin with a letter or digit',
  );

const files = z.record(filePath, z.string()).superRefine((all, context) => {
  for (const message of pathConflicts(Object.keys(all))) context.addIssue({ code: 'custom', message });
});

/** Programs that executors tell their builds of. */
const TOOLS = ['ffmpeg'] as const;

const cache = z.strictObject({
  tools: z
    .array(z.enum(TOOLS, `must be one of ${TOOLS.join(', ')}`))
    .max(TOOLS.length)
    .default([])
    .meta({ description: 'Programs of the executor whose build makes a difference' }),
  maxAgeSeconds: z
    .int()
    .min(1)
    .max(31_536_000)
    .optional()
    .meta({ description: 'Older results are not served; by default until nobody asked for one in 30 days' }),
});

/** What a version of a function is, besides its code. */
const configFields = {
  runtime: z.enum(runtimes, `must be one of ${runtimes.join(', ')}`).meta({ description: 'What runs the code' }),
  handler: z
    .string()
    .max(256)
    .regex(/^[A-Za-z0-9_/.-]*[A-Za-z0-9_-]\.[A-Za-z_$][\w$]*$/, 'must be FILE.EXPORT, for example index.handler')
    .optional()
    .meta({ description: 'FILE.EXPORT of a nodejs or python function; index.handler by default' }),
  command: z
    .array(z.string().max(8_192))
    .min(1, 'must name a program')
    .max(256)
    .optional()
    .meta({ description: 'Program and arguments of a command; `{{inputs.NAME}}`, `{{event.a.b}}` … are filled in' }),
  environment: environment.default({}).meta({ description: 'Variables of the process' }),
  timeoutSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .meta({ description: 'After it the whole process tree is killed' }),
  stallSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .optional()
    .meta({ description: 'If its progress does not advance for so long, the whole process tree is killed' }),
  network: z
    .enum(networks, `must be one of ${networks.join(', ')}`)
    .optional()
    .meta({
      description: 'What it may reach; by default what the executor is set up for. Needs a driver that isolates',
    }),
  memoryMb: z.int().min(64).max(262_144).default(512),
  vcpu: z.number().min(0.05).max(256).default(1),
  labels: z.array(label).max(16).default([]).meta({ description: 'Runs only on executors that have all of these' }),
  instanceConcurrency: z
    .int()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'How many invocations one instance serves at the same time; 1 by default' }),
  ...placementFields,
  inputs: channels.default({}).meta({
    description: 'JSONPaths in the event to objects, or lists of objects, that are there as files when it starts',
  }),
  outputs: channels
    .default({})
    .meta({ description: 'JSONPaths in the event to where files, or folders of files, that it made are published' }),
  temporary: z
    .array(channelName)
    .max(16)
    .optional()
    .meta({ description: 'Outputs that are removed once the execution that they were made for has ended' }),
  cache: cache.optional().meta({
    description:
      'Says that the function is deterministic: its result depends on its code, event, inputs and tools alone, and it does nothing but make its result and outputs. Then the same work is done once in a namespace',
  }),
  description: z.string().max(1_024).optional(),
  eventSchema: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: 'A JSON Schema of the event, for people' }),
  resultSchema: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: 'A JSON Schema of the result, for people' }),
};

export const functionConfig = z.strictObject(configFields);
export type FunctionConfig = z.output<typeof functionConfig>;

/** A function as people deploy it: configuration, and code as inline files or as a zip. */
export const newFunction = z
  .strictObject({
    name: entityName,
    ...configFields,
    files: files.optional().meta({ description: 'Code as text, by path' }),
    zip: z.string().optional().meta({ description: 'Code as a zip archive in base64, at most 50 MB' }),
  })
  .superRefine((wanted, context) => {
    for (const { path, message } of [
      ...rulesOfRuntime(wanted),
      ...rulesOfConcurrency(wanted),
      ...rulesOfPlacement(wanted),
    ])
      context.addIssue({ code: 'custom', path: [path], message });
    for (const [index, name] of (wanted.temporary ?? []).entries())
      if (!(name in wanted.outputs))
        context.addIssue({ code: 'custom', path: ['temporary', index], message: `must be an output; ${name} is none` });
  })
  .meta({ id: 'NewFunction' });
export type NewFunction = z.input<typeof newFunction>;
export type CheckedFunction = z.output<typeof newFunction>;
export type { Files };
