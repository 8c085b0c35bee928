import type { Failure } from './model.js';

/** Carries a user's failure out of an evaluation; `transition` turns it into data again. */
export class AslFailure extends Error implements Failure {
  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
    this.name = new.target.name;
  }

  toFailure(): Failure {
    return { error: this.error, cause: this.cause };
  }
}

export const runtimeFailure = (cause: string): AslFailure => new AslFailure('States.Runtime', cause);
