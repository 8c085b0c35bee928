import { z } from 'zod';
import { inputCache, places, resources } from './executors.js';
import { MAX_INPUT_KEYS } from './input-keys.js';
import { instance } from './instances.js';
import { progress, taskRef, taskResult } from './results.js';

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
  /** Room that is being kept free for a task: nothing is begun in it meanwhile, by calls of the fast lane neither. */
  keep: z.object({ memoryMb: z.number(), vcpu: z.number() }).optional(),
});
export type PollAnswer = z.infer<typeof pollAnswer>;

export const logLines = z.object({
  attempt: z.number().int().min(1),
  lines: z
    .array(z.object({ stream: z.enum(['stdout', 'stderr']), line: z.string().max(16_384), atMs: z.number().int() }))
    .max(1_000),
});
export type LogLines = z.infer<typeof logLines>;
