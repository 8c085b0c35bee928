import { availableParallelism, hostname, totalmem } from 'node:os';
import { delimiter, isAbsolute, resolve } from 'node:path';
import { loadConfig, seconds } from '@app/common';
import { drivers, type SandboxChoice } from '@app/sandbox';
import { networks, type Resources } from '@app/worker-api';
import { z } from 'zod';
import { type GpuChoice, gpuChoice } from './capabilities/gpu-choice.js';

const MB = 1024 * 1024;
const DEFAULT_MEMORY_SHARE = 0.75;
/** As many functions as may take turns on a machine without being started anew each time. */
const WARM_PER_SLOT = 4;
const count = z.coerce.number().int().min(1);

/** A function's /tmp is its own. */
const mayBeShown = (path: string): boolean => isAbsolute(path) && !/^\/tmp(\/|$)/.test(path);

const schema = z
  .object({
    SPOOL_GATEWAY_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:7700'),
    SPOOL_EXECUTOR_TOKEN: z.string({ error: 'is required: the token that the gateway was started with' }).min(16),
    SPOOL_EXECUTOR_NAME: z.string().min(1).max(200).default(hostname()),
    SPOOL_EXECUTOR_LABELS: z
      .string()
      .default('cpu')
      .transform((list) =>
        list
          .split(',')
          .map((label) => label.trim())
          .filter(Boolean),
      )
      .pipe(
        z
          .array(z.string().regex(/^[a-z0-9][a-z0-9._=-]{0,62}$/, 'a label is lower-case letters, digits and . _ = -'))
          .max(64),
      ),
    SPOOL_EXECUTOR_SLOTS: count.default(availableParallelism()),
    SPOOL_EXECUTOR_MEMORY_MB: count.default(Math.floor((totalmem() * DEFAULT_MEMORY_SHARE) / MB)),
    SPOOL_EXECUTOR_VCPU: z.coerce.number().positive().default(availableParallelism()),
    SPOOL_GPUS: gpuChoice,
    SPOOL_ENCODER_SESSIONS: z.coerce.number().int().min(0).optional(),
    SPOOL_PROBE_CODECS: z.enum(['auto', 'never'], { error: 'must be auto or never' }).default('auto'),
    SPOOL_DATA_DIR: z.string().min(1).default('.spool'),
    SPOOL_WORK_DIR: z.string().min(1).optional(),
    SPOOL_GRACE_SECONDS: z.coerce.number().min(0).default(5),
    SPOOL_DRAIN_SECONDS: seconds(30),
    SPOOL_WARM_IDLE_SECONDS: z.coerce.number().min(0).max(900).default(60),
    SPOOL_WARM_INSTANCES: count.optional(),
    SPOOL_WARM_MAX_SECONDS: z.coerce.number().min(1).max(86_400).default(900),
    SPOOL_TEMPLATES: z.coerce.number().int().min(0).max(100).default(2),
    SPOOL_SANDBOX: z.enum(drivers, { error: `must be one of ${drivers.join(', ')}` }).default('auto'),
    SPOOL_OCI_RUNTIME: z.string().min(1).optional(),
    SPOOL_SANDBOX_NETWORK: z.enum(networks, { error: `must be one of ${networks.join(', ')}` }).default('host'),
    SPOOL_SANDBOX_PATHS: z
      .string()
      .default('')
      .transform((list) => list.split(delimiter).filter(Boolean))
      .pipe(z.array(z.string().refine(mayBeShown, 'must be absolute paths, not in /tmp, separated by ":"')).max(64)),
    SPOOL_EXECUTOR_DISK_MB: count.optional(),
    SPOOL_TASK_DISK_MB: count.optional(),
    SPOOL_INPUT_CACHE_MB: z.coerce.number().int().min(0).optional(),
    SPOOL_SANDBOX_CPU: z.enum(['share', 'ceiling'], { error: 'must be share or ceiling' }).default('share'),
  })
  .transform(
    (env): ExecutorConfig => ({
      gatewayUrl: env.SPOOL_GATEWAY_URL.replace(/\/+$/, ''),
      token: env.SPOOL_EXECUTOR_TOKEN,
      name: env.SPOOL_EXECUTOR_NAME,
      labels: env.SPOOL_EXECUTOR_LABELS,
      capacity: {
        slots: env.SPOOL_EXECUTOR_SLOTS,
        memoryMb: env.SPOOL_EXECUTOR_MEMORY_MB,
        vcpu: env.SPOOL_EXECUTOR_VCPU,
        ...(env.SPOOL_ENCODER_SESSIONS !== undefined && { encoderSessions: env.SPOOL_ENCODER_SESSIONS }),
      },
      gpus: env.SPOOL_GPUS,
      probesCodecs: env.SPOOL_PROBE_CODECS === 'auto',
      workDir: resolve(env.SPOOL_WORK_DIR ?? `${env.SPOOL_DATA_DIR}/executor`),
      graceMs: env.SPOOL_GRACE_SECONDS * 1000,
      drainMs: env.SPOOL_DRAIN_SECONDS * 1000,
      warmIdleMs: env.SPOOL_WARM_IDLE_SECONDS * 1000,
      warmInstances: env.SPOOL_WARM_INSTANCES ?? WARM_PER_SLOT * env.SPOOL_EXECUTOR_SLOTS,
      warmMaxMs: env.SPOOL_WARM_MAX_SECONDS * 1000,
      ...(env.SPOOL_EXECUTOR_DISK_MB !== undefined && { diskBytes: env.SPOOL_EXECUTOR_DISK_MB * MB }),
      templates: env.SPOOL_TEMPLATES,
      ...(env.SPOOL_TASK_DISK_MB !== undefined && { taskDiskBytes: env.SPOOL_TASK_DISK_MB * MB }),
      ...(env.SPOOL_INPUT_CACHE_MB !== undefined && { inputCacheBytes: env.SPOOL_INPUT_CACHE_MB * MB }),
      sandbox: {
        driver: env.SPOOL_SANDBOX,
        ...(env.SPOOL_OCI_RUNTIME !== undefined && { ociRuntime: env.SPOOL_OCI_RUNTIME }),
        verdictFile: resolve(env.SPOOL_WORK_DIR ?? `${env.SPOOL_DATA_DIR}/executor`, 'sandbox-verdicts.json'),
        network: env.SPOOL_SANDBOX_NETWORK,
        paths: env.SPOOL_SANDBOX_PATHS,
        cpu: env.SPOOL_SANDBOX_CPU,
      },
    }),
  );

export abstract class ExecutorConfig {
  abstract readonly gatewayUrl: string;
  abstract readonly token: string;
  abstract readonly name: string;
  abstract readonly labels: readonly string[];
  abstract readonly capacity: Resources;
  abstract readonly gpus: GpuChoice;
  /** Whether encoders and decoders are tried out at the start. */
  abstract readonly probesCodecs: boolean;
  /** Code cache and work folders. One executor at a time may use it. */
  abstract readonly workDir: string;
  /** Between asking a task's processes to stop and killing them. */
  abstract readonly graceMs: number;
  /** How long tasks may go on once the executor was asked to stop. */
  abstract readonly drainMs: number;
  /** How long an instance waits for the next task of its function; 0: each task has its own. */
  abstract readonly warmIdleMs: number;
  /** How many instances wait at most, as long as no task needs their memory. */
  abstract readonly warmInstances: number;
  /** How old an instance may be that is given another task. */
  abstract readonly warmMaxMs: number;
  /** How many runtimes are kept up before it is known for which function. */
  abstract readonly templates: number;
  /** What the folders of tasks may have together; without it, most of what is free at the start. */
  abstract readonly diskBytes?: number;
  /** What a task's folder may grow to that does not ask; without it a share of that. */
  abstract readonly taskDiskBytes?: number;
  /** What is kept of the inputs of tasks; without it a tenth of what is free. */
  abstract readonly inputCacheBytes?: number;
  abstract readonly sandbox: SandboxChoice;
}

export const readConfig = (env: NodeJS.ProcessEnv): ExecutorConfig => loadConfig(schema, env);
