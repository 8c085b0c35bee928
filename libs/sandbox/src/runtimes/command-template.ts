import { type Failure, type Json, toFailure } from './failure.js';

export interface TemplateValues {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly event: Json;
  readonly workDir: string;
  readonly codeDir?: string;
}

export type Filled = { readonly argv: readonly string[] } | { readonly failure: Failure };

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What Linux starts a program with: 32 pages each, NUL included (execve(2)), and a quarter of the stack for all, of which most is ours to fill. */
const MAX_ARGUMENT_BYTES = 131_071;
const MAX_ARGV_BYTES = 1024 * 1024;

/**
 * Fills `{{inputs.x}}`, `{{outputs.x}}`, `{{event.a.b}}`, `{{workDir}}` and `{{codeDir}}` into the arguments.
 * No shell sees them, one argument stays one argument, and a value is never read as a template again. What a
 * program makes of an argument that begins with `-` is its own affair: write `--` or `./` before such values.
 */
export function fillCommand(command: readonly string[], values: TemplateValues): Filled {
  const problems: string[] = [];
  const fill = (argument: string, index: number) =>
    argument.replace(PLACEHOLDER, (_, path: string) => {
      if (index === 0 && path !== 'codeDir' && path !== 'workDir')
        problems.push(`the program itself may not come from {{${path}}}`);
      const value = lookUp(path.split('.'), values);
      if (value === undefined) problems.push(`{{${path}}} has no value`);
      return value ?? '';
    });
  const argv = command.map(fill);
  if (argv.some((argument) => argument.includes('\0'))) problems.push('an argument contains a NUL character');
  if (argv.some((argument) => Buffer.byteLength(argument) > MAX_ARGUMENT_BYTES))
    problems.push(`an argument is longer than ${MAX_ARGUMENT_BYTES} bytes: write such a value into a file`);
  if (argv.reduce((sum, argument) => sum + Buffer.byteLength(argument), 0) > MAX_ARGV_BYTES)
    problems.push(`the arguments are longer than ${MAX_ARGV_BYTES} bytes together`);
  if (problems.length === 0) return { argv };
  return { failure: toFailure('Command.InvalidArguments', { errorMessage: problems.join('; ') }) };
}

function lookUp(path: readonly string[], values: TemplateValues): string | undefined {
  let value: unknown = values;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
