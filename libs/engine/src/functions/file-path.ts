import { z } from 'zod';

export type Files = Readonly<Record<string, string | Buffer>>;

const RULE = 'must be a relative path with "/" between its parts, without "..", "." or empty parts';

/** What is wrong with a path inside a code archive; undefined if nothing. */
export function pathProblem(path: string): string | undefined {
  if (path.length > 512) return 'must not be longer than 512 characters';
  // oxlint-disable-next-line no-control-regex
  if (/[\\\u0000-\u001f\u007f]/.test(path) || /^[A-Za-z]:/.test(path)) return RULE;
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return RULE;
  return parts.some((part) => Buffer.byteLength(part) > 255) ? 'must not have a part longer than 255 bytes' : undefined;
}

/** Paths that cannot exist together: the same one twice, or a file where another needs a folder. */
export function pathConflicts(paths: readonly string[]): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const path of paths) {
    if (seen.has(path)) problems.push(`has ${path} twice`);
    seen.add(path);
  }
  for (const path of seen) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (seen.has(folder)) problems.push(`has ${folder} as a file and as the folder of ${path}`);
    }
  }
  return problems;
}

export const filePath = z.string().superRefine((path, context) => {
  const message = pathProblem(path);
  if (message) context.addIssue({ code: 'custom', message });
});
