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
