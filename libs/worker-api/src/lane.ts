import { z } from 'zod';
import { taskFailed, usage } from './results.js';
import { clientContext, logLines } from './schemas.js';

/**
 * The fast lane: a connection that an executor opens and keeps to each gateway, over which synchronous invocations of
 * warm functions are pushed. It begins as HTTP and is upgraded:
 *
 *   GET /worker/v1/executors/:id/lane    Upgrade: spool-lane    ─▶  101, or 409 if this gateway has one of the executor
 *
 *   executor                                                    gateway
 *     Warm     { ref, versionId, namespace, instances }  ─────▶   so many instances could serve this
 *                                                        ◀─────   Call     { ref, id, timeoutMs, … }  + the event
 *     Lines    { id, lines: [{ stream, line, atMs }] }   ─────▶
 *     Declined                                           ─────▶   it has not begun, and does not: ask elsewhere
 *     Ended    { status, usage, … }  + the result        ─────▶
 *     Measured { calls, usage }                          ─────▶   what these took together
 *                                                        ◀─────   Cancel
 *                                                        ◀─────   Stored   it is a task now, leased to the executor
 *
 * What is stored goes on as any task of the executor: mentioned, cancelled and reported by its polls.
 * A call is begun once at most. What a broken connection has not answered has an unknown end.
 */
export const LANE_PROTOCOL = 'spool-lane';
export const LANE_MAX_BYTES = 16 * 1024 * 1024;

export const LaneFrame = {
  Warm: 1,
  Call: 2,
  Lines: 3,
  Declined: 4,
  Ended: 5,
  Measured: 6,
  Cancel: 7,
  Stored: 8,
} as const;

export const laneWarm = z.object({
  ref: z.int().min(1),
  versionId: z.uuid(),
  namespace: z.string(),
  /** That are in use for it, or could be; one that serves several calls at the same time counts for as many. */
  instances: z.int().min(0),
});
export type LaneWarm = z.infer<typeof laneWarm>;

export const laneCall = z.object({ ref: z.int(), id: z.uuid(), timeoutMs: z.number(), clientContext });
export type LaneCall = z.infer<typeof laneCall>;

/** The result of one that succeeded is the frame's body. */
export const laneEnded = z.union([
  z.object({ status: z.literal('SUCCEEDED'), usage }),
  taskFailed.omit({ id: true, attempt: true }),
]);
export type LaneEnded = z.infer<typeof laneEnded>;

export const laneLines = logLines.pick({ lines: true }).extend({ id: z.uuid() });
export type LaneLines = z.infer<typeof laneLines>;

/** Of calls that were too short to be measured one by one: each has an equal part. */
export const laneMeasured = z.object({ calls: z.array(z.int()).max(100_000), usage: usage.partial() });
export type LaneMeasured = z.infer<typeof laneMeasured>;
