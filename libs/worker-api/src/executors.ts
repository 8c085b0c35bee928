import { z } from 'zod';

export const resources = z.object({
  /** Tasks that may run at the same time. */
  slots: z.number().int().min(0),
  memoryMb: z.number().int().min(0),
  vcpu: z.number().min(0),
  /** Of each GPU the memory, and whether nobody has a part of it. Absent where there is none. */
  gpus: z
    .array(z.object({ memoryMb: z.number().int().min(0), isWhole: z.boolean() }))
    .max(64)
    .optional(),
  /** Encodings that the hardware does at the same time; absent where nothing limits them. */
  encoderSessions: z.number().int().min(0).optional(),
  /** Of the disk for files of tasks, and what one has of it that does not ask. */
  diskMb: z.number().int().min(0).optional(),
  diskShareMb: z.number().int().min(0).optional(),
});
export type Resources = z.infer<typeof resources>;

export const gpu = z.object({
  uuid: z.string().max(100),
  model: z.string().max(200),
  memoryMb: z.number().int().min(0),
  driver: z.string().max(100).optional(),
  /** There is no such device: the executor was told to behave as if. */
  isSimulated: z.boolean().optional(),
});
export type Gpu = z.infer<typeof gpu>;

const codec = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,48}$/);

/** What an executor is beside its capacity. Codecs are those that have worked in a trial, and come later. */
export const abilities = z.object({
  cores: z.number().int().min(1).optional(),
  diskMb: z.number().int().min(0).optional(),
  gpus: z.array(gpu).max(64).optional(),
  encoders: z.array(codec).max(200).optional(),
  decoders: z.array(codec).max(200).optional(),
});
export type Abilities = z.infer<typeof abilities>;

export const registerExecutor = z.object({
  name: z.string().min(1).max(200),
  labels: z.array(z.string().regex(/^[a-z0-9][a-z0-9._=-]{0,62}$/)).max(64),
  capacity: resources,
  abilities: abilities.optional(),
  version: z.string().max(64),
  /** Builds of programs that results of functions depend on: `{ "ffmpeg": "5.1.9 1f3c…" }`. */
  tools: z.record(z.string().max(64), z.string().max(200)).optional(),
});
export type RegisterExecutor = z.infer<typeof registerExecutor>;

export const executorUpdate = registerExecutor.pick({ capacity: true, abilities: true });
export type ExecutorUpdate = z.infer<typeof executorUpdate>;

export const registered = z.object({ executorId: z.uuid(), leaseSeconds: z.number(), heartbeatSeconds: z.number() });
export type Registered = z.infer<typeof registered>;

/** Of instances that serve several tasks at the same time, and have room for more: such tasks need nothing else. */
export const places = z
  .array(z.object({ versionId: z.uuid(), namespace: z.string(), free: z.number().int().min(1) }))
  .max(1_000);
export type Places = z.infer<typeof places>;

/** What an executor keeps of the inputs of its tasks. */
export const inputCache = z.object({
  bytes: z.number().int().min(0),
  budgetBytes: z.number().int().min(0),
  objects: z.number().int().min(0),
});
export type InputCacheUse = z.infer<typeof inputCache>;
