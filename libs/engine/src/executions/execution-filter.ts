export interface ExecutionFilter {
  readonly workflow?: string;
  readonly status?: string;
  readonly namePrefix?: string;
  readonly triggerId?: string;
  /** The execution that started it as a child workflow. */
  readonly parent?: string;
  /** Without it, the children of map runs are left out. */
  readonly mapRun?: string;
  readonly startedAfter?: Date;
  readonly startedBefore?: Date;
  /** Only executions before this one in the list, newest first. */
  readonly before?: { readonly startedAt: Date; readonly id: string };
  readonly limit: number;
}
