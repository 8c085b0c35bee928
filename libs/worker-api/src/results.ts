import { z } from 'zod';

export const taskRef = z.object({ id: z.uuid(), attempt: z.number().int().min(1) });
export type TaskRef = z.infer<typeof taskRef>;

export const progress = z.object({
  percent: z.number().min(0).max(100).optional(),
  message: z.string().max(500).optional(),
  /** How many times as fast as real time, of what has a length in time. */
  speed: z.number().min(0).max(1_000_000).optional(),
  etaSeconds: z.number().min(0).max(100_000_000).optional(),
});
export type Progress = z.infer<typeof progress>;

/** How an attempt was ended and what was found: the record behind "a timeout kills everything". */
export const killReport = z.object({
  /** `sibling`: it was not to blame; another call of the same instance was. */
  reason: z.enum(['timeout', 'stalled', 'disk', 'cancelled', 'shutdown', 'leftovers', 'sibling']),
  /** Milliseconds since the start of the process. */
  signals: z.array(z.object({ signal: z.string(), atMs: z.number() })),
  processesFound: z.number().int(),
  processesLeft: z.number().int(),
  /** From the decision to end it until no process was left. */
  tookMs: z.number(),
  /** The working folder, removed behind the last process. */
  scratch: z.object({ freed: z.boolean(), bytes: z.number().int(), tookMs: z.number() }).optional(),
  /** Nothing that this attempt still says can change the task. Only the engine can know. */
  leaseFenced: z.boolean().optional(),
});
export type KillReport = z.infer<typeof killReport>;

export const usage = z.object({
  wallMs: z.number(),
  cpuMs: z.number().optional(),
  peakMemoryBytes: z.number().optional(),
  /** From and to disks; on cgroup v1, and without cgroups, what the page cache takes counts as written. */
  readBytes: z.number().optional(),
  writtenBytes: z.number().optional(),
  /** Files that were fetched for it, and that it has made. */
  bytesIn: z.number().optional(),
  /** Of `bytesIn`: what the executor had from a task before. */
  cachedBytes: z.number().optional(),
  bytesOut: z.number().optional(),
  /** Of the event that it was given and of its result, as JSON. */
  eventBytes: z.number().optional(),
  resultBytes: z.number().optional(),
  /** From the start of the process until it wanted work, if this was the first. */
  initMs: z.number().optional(),
  /** The time that GPUs were held: wall time by their number. */
  gpuMs: z.number().optional(),
  /** Of an instance that served others at the same time: the part of its time that was this one's, below 1. */
  share: z.number().min(0).max(1).optional(),
  /** How the process came to its end. */
  ending: z
    .enum(['exit', 'answered', 'timeout', 'stalled', 'disk', 'cancelled', 'shutdown', 'crashed', 'oom', 'sibling'])
    .optional(),
  kill: killReport.optional(),
  exitCode: z.number().int().nullable().optional(),
  signal: z.string().nullable().optional(),
});
export type Usage = z.infer<typeof usage>;

export const uploadedOutput = z.object({
  name: z.string(),
  size: z.number().int().min(0),
  contentType: z.string(),
  parts: z.array(z.object({ partNumber: z.number().int().min(1), etag: z.string() })).min(1),
});
export type UploadedOutput = z.infer<typeof uploadedOutput>;

export const taskSucceeded = taskRef.extend({
  status: z.literal('SUCCEEDED'),
  output: z.json(),
  /** Instead of `output`: a large result, and where it was put. Without a key it is larger than a result may be. */
  stored: z.object({ bytes: z.number().int().min(0), key: z.string().max(1_024).optional() }).optional(),
  outputs: z.array(uploadedOutput),
  usage,
});
export const taskFailed = taskRef.extend({
  status: z.enum(['FAILED', 'TIMED_OUT', 'CANCELLED']),
  error: z.string().max(256),
  cause: z.string().max(32_768),
  usage,
});
export const taskResult = z.union([taskSucceeded, taskFailed]);
export type TaskResult = z.infer<typeof taskResult>;
