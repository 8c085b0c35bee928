import { AslFailure } from '../failure.js';

/** An evaluation that was stopped because it costs too much; the message is AWS's. */
export class QueryLimitExceeded extends Error {}

/** What a function of AWS's refuses, as the library throws it: with a code and a message. */
export class QueryFunctionError extends Error {
  constructor(
    readonly code: string,
    reason: string,
    /** Of the argument, which the library's own message for the code may tell. */
    readonly index?: number,
  ) {
    super(reason);
  }
}

/** `States.QueryEvaluationError`, and the field whose expression it was, if it was one. */
export class QueryFailure extends AslFailure {
  constructor(
    readonly location: string | undefined,
    cause: string,
  ) {
    super('States.QueryEvaluationError', cause);
  }
}
