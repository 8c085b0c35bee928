/** How executors and the engine keep in touch. Seconds. */
export abstract class WorkersOptions {
  /** A task whose executor has not been heard of for this long is given to another. */
  abstract readonly leaseSeconds: number;
  /** How often an executor that runs tasks says so; well below the lease. */
  abstract readonly heartbeatSeconds: number;
  /** An executor is kept free for a task that has waited for so long for room. */
  abstract readonly reserveAfterSeconds: number;
}
