import type { Failure } from '@app/workflow';

/** Carries the failure that a state sees out of an action on objects; the task's end turns it into data. */
export class ActionFailed extends Error implements Failure {
  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
    this.name = new.target.name;
  }
}
