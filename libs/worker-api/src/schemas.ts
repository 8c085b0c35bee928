import { z } from 'zod';
import { MAX_INPUT_KEYS } from './input-keys.js';
import { instance } from './instances.js';

/**
 * The wire between executors and the gateway, version 1. One exchange does everything:
 *
 *   executor                                         gateway
 *     POST /worker/v1/executors            ─────▶    who I am, what I have
 *     PUT  /worker/v1/executors/:id        ─────▶    what I have found out since that I can do
 *     POST /worker/v1/executors/:id/poll   ─────▶    results, what still runs, what is free
 *                                          ◀─────    tasks to run, tasks to kill, results refused
 *     DELETE /worker/v1/executors/:id      ─────▶    I go
 *     POST /worker/v1/tasks/:id/logs       ─────▶    lines of stdout and stderr
 *     POST /worker/v1/tasks/:id/uploads    ─────▶    a multipart upload to fill: presigned part URLs
 *     POST /worker/v1/tasks/:id/result     ─────▶    where to put a result that is too large for the exchange
 *     GET  /worker/v1/code/:digest         ◀─────    a function's code, a zip
 *
 * Every message about a task carries the attempt it was given with; an older attempt is refused.
 */

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
  /** Through block devices; what stays in the page cache is not counted. */
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

export const poll = z.object({
  /** What this request offers: tasks that fit may come with its answer. */
  free: resources,
  /** What it offers beside that. */
  places: places.optional(),
  /** What is free in truth, where another request offers some of it. */
  spare: resources.optional(),
  /** The request of this executor that waits is to come back: much more is free than it offers. */
  again: z.boolean().optional(),
  running: z.array(taskRef.extend({ progress: progress.optional() })).max(1_000),
  results: z.array(taskResult).max(1_000),
  /** All of them; absent if they are as they were said to be. */
  instances: z.array(instance).max(1_000).optional(),
  /** Attempts that it has not begun, or not finished, and leaves to others: they are due again at once. */
  handedBack: z.array(taskRef).max(1_000).optional(),
  /** Versions of functions whose code it has here, the warm ones first. */
  cached: z.array(z.uuid()).max(100).optional(),
  /** Objects whose bytes it has here, as `inputKeyOf` names them: the lately used ones. */
  inputs: z
    .array(z.string().regex(/^-?\d{1,19}$/))
    .max(MAX_INPUT_KEYS)
    .optional(),
  inputCache: inputCache.optional(),
  /** How long the gateway may hold the answer while there is nothing to say, in milliseconds. */
  waitMs: z.number().int().min(0).max(30_000),
});
export type Poll = z.infer<typeof poll>;

/** `provided` brings a program of its own that speaks the AWS Lambda Runtime API. */
export const runtimes = ['nodejs', 'python', 'provided', 'command'] as const;
export type Runtime = (typeof runtimes)[number];

/**
 * What a function reaches: nothing at all, itself, or what the executor reaches. A function that does not say gets
 * what the executor is set up for.
 */
export const networks = ['none', 'loopback', 'host'] as const;
export type Network = (typeof networks)[number];

export const input = z.object({ name: z.string(), bucket: z.string(), key: z.string(), url: z.url() });
export const output = z.object({ name: z.string(), bucket: z.string(), key: z.string() });

/** JSON from the caller, for the handler's context: of ASCII, because it travels in a header too. */
export const clientContext = z.string().max(8_192).optional();

/** A task as the executor gets it: all it needs, and no credentials. */
export const assignment = taskRef.extend({
  function: z.object({
    name: z.string(),
    version: z.number().int(),
    /** Of the version: a name and a number may come again after a function was deleted. */
    versionId: z.uuid().optional(),
    runtime: z.enum(runtimes),
    /** SHA-256 of the zip, in hex; absent for a command that needs no files. */
    codeDigest: z.string().optional(),
    handler: z.string().optional(),
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.string()),
    memoryMb: z.number().int(),
    network: z.enum(networks).optional(),
    /** How many tasks one instance serves at the same time; 1 if nothing is said. */
    instanceConcurrency: z.number().int().min(1).optional(),
    /** Ends the task if it tells no progress for so long. */
    stallSeconds: z.number().optional(),
  }),
  timeoutSeconds: z.number(),
  payload: z.json(),
  /** Instead of `payload`: where a large one is, as JSON. */
  payloadUrl: z.url().optional(),
  resources: z.object({
    memoryMb: z.number().int(),
    vcpu: z.number(),
    gpus: z.number().int().optional(),
    /** Of each of its GPUs; without it they are its alone. */
    gpuMemoryMb: z.number().int().optional(),
    encoderSessions: z.number().int().optional(),
    /** That it has asked for: what its files may grow to. */
    diskMb: z.number().int().optional(),
  }),
  /** Downloaded by the executor before the function starts. */
  inputs: z.array(input),
  /** Uploaded by the executor when the function has succeeded. */
  outputs: z.array(output),
  context: z.object({
    namespace: z.string(),
    executionId: z.string().optional(),
    executionName: z.string().optional(),
    clientContext,
    stateName: z.string().optional(),
    /** How many there are to share work between, this one included. */
    executors: z.number().int().min(1).optional(),
  }),
});
export type Assignment = z.infer<typeof assignment>;

export const pollAnswer = z.object({
  tasks: z.array(assignment),
  /** Attempts to kill: cancelled, timed out, or lost to a newer attempt. */
  cancel: z.array(taskRef),
  /** Results that were not taken because a newer attempt holds the task. Their uploads are gone. */
  refused: z.array(taskRef),
  /** It was asked to stop: to take no more, to finish what it has, and to go. */
  drain: z.boolean().optional(),
});
export type PollAnswer = z.infer<typeof pollAnswer>;

export const logLines = z.object({
  attempt: z.number().int().min(1),
  lines: z
    .array(z.object({ stream: z.enum(['stdout', 'stderr']), line: z.string().max(16_384), atMs: z.number().int() }))
    .max(1_000),
});
export type LogLines = z.infer<typeof logLines>;

/** What goes into an exchange as it is; what is larger goes by way of the object store. */
export const MAX_VALUE_BYTES = 256 * 1024;

export const openResult = z.object({ attempt: z.number().int().min(1), bytes: z.number().int().min(0) });
export type OpenResult = z.infer<typeof openResult>;

/** Where to PUT the result's JSON; without it, the result is too large to be taken. */
export const openedResult = z.object({ object: z.object({ key: z.string(), url: z.url() }).optional() });
export type OpenedResult = z.infer<typeof openedResult>;

export const openUpload = z.object({
  attempt: z.number().int().min(1),
  name: z.string(),
  size: z.number().int().min(0),
  contentType: z.string().max(255),
});
export type OpenUpload = z.infer<typeof openUpload>;

/** Part n of the file is `partBytes` long (the last one shorter) and goes to `urls[n - 1]` with PUT. */
export const openedUpload = z.object({ partBytes: z.number().int(), urls: z.array(z.url()).min(1) });
export type OpenedUpload = z.infer<typeof openedUpload>;
