/** A broken rule: where (JSON Pointer, RFC 6901), which (a stable code) and in words. */
export interface Problem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}
/** Legal, but surely not what was meant. */
export interface Warning {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}
export interface Validation {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/** All that `Problem.code` may be. */
export type ProblemCode =
  | 'not_an_object'
  | 'too_deep'
  | 'too_large'
  | 'missing_field'
  | 'unknown_field'
  | 'conflicting_fields'
  | 'wrong_type'
  | 'out_of_range'
  | 'unknown_state_type'
  | 'unknown_state'
  | 'unreachable_state'
  | 'no_terminal_state'
  | 'duplicate_state_name'
  | 'invalid_state_name'
  | 'invalid_path'
  | 'invalid_intrinsic'
  | 'invalid_timestamp'
  | 'invalid_choice_rule'
  | 'invalid_error_names'
  | 'wrong_query_language'
  | 'invalid_expression'
  | 'invalid_variable_name'
  | 'duplicate_variable'
  | 'invalid_label'
  | 'duplicate_label'
  | 'distributed_only'
  | 'invalid_pointer'
  | 'unknown_resource';
/** All that `Warning.code` may be. */
export type WarningCode =
  | 'choice_without_default'
  | 'error_already_handled'
  | 'error_never_handled'
  | 'unknown_error_name'
  | 'ignored_field'
  | 'unreachable_rule'
  | 'unused_variable'
  | 'unknown_variable'
  | 'field_without_origin'
  | 'token_not_passed_on'
  | 'no_path_functions'
  | 'no_heartbeats'
  | 'longer_than_machine'
  | 'no_terminal_state'
  | 'endless_wait';

/** A hostile definition may break a rule a hundred thousand times. */
const MAX_PROBLEMS = 1000;

export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: Warning[] = [];

  problem(pointer: string, code: ProblemCode, message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ pointer, code, message });
  }

  warn(pointer: string, code: WarningCode, message: string): void {
    if (this.warnings.length < MAX_PROBLEMS) this.warnings.push({ pointer, code, message });
  }
}

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** Asked by name, as machines inside of each other add to what is around them. */
export interface Names {
  has(name: string): boolean;
}

export const eitherOf = (some: Names, others: Names): Names => ({ has: (name) => some.has(name) || others.has(name) });

/** What the rules for a value depend on beside the value. */
export interface Setting {
  readonly language: QueryLanguage;
  /** Names of the variables that can be seen here. */
  readonly variables: Names;
  /** Those that may be set when control comes to this machine. */
  readonly set: Names;
  /** What of `$states`, beside its input and context, an expression can use here. */
  readonly available?: 'result' | 'errorOutput';
  /** The machine's TimeoutSeconds. */
  readonly timeoutSeconds?: number;
}

const OUTERMOST: Setting = { language: 'JSONPath', variables: new Set(), set: new Set() };

/** A value's place in the definition, and where to report what is wrong with it. */
export class Place {
  constructor(
    readonly findings: Findings,
    readonly pointer = '',
    readonly setting: Setting = OUTERMOST,
  ) {}

  /** The same place under other rules. */
  with(setting: Partial<Setting>): Place {
    return new Place(this.findings, this.pointer, { ...this.setting, ...setting });
  }

  in(...keys: readonly (string | number)[]): Place {
    const tokens = keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`);
    return new Place(this.findings, this.pointer + tokens.join(''), this.setting);
  }

  problem(code: ProblemCode, message: string): void {
    this.findings.problem(this.pointer, code, message);
  }

  warn(code: WarningCode, message: string): void {
    this.findings.warn(this.pointer, code, message);
  }
}
