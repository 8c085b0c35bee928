import { z } from 'zod';
import { InvalidRequest, type Issue, toPointer } from './invalid-request.js';

/** What zod says of a union that has no message of its own. */
const NO_MESSAGE = 'Invalid input';

/** What zod found wrong, as one issue per field. Of a union's branches the one that came nearest is told. */
export function toIssues(found: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): Issue[] {
  return found.flatMap((issue): Issue[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: toPointer([...path, key]), message: 'is not a known field' }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.message === NO_MESSAGE) {
      return toIssues(nearest(issue.errors), path);
    }
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ pointer: toPointer(path), message }));
    if (isMissing(issue)) return [{ pointer: toPointer(path), message: 'is required' }];
    return [{ pointer: toPointer(path), message: issue.message }];
  });
}

/** Checks `value` and gives it typed, defaults filled in; throws InvalidRequest with every broken rule. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidRequest(toIssues(parsed.error.issues));
  return parsed.data;
}

const isMissing = (issue: z.core.$ZodIssue) =>
  issue.code === 'invalid_type' && (issue.input === undefined ? issue.message.endsWith('received undefined') : false);

/** A branch whose first problem lies deepest was meant; a wrong type at the top means another branch was. */
function nearest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  return branches.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
}

const depth = (issues: readonly z.core.$ZodIssue[]) => Math.min(...issues.map(({ path }) => path.length));
