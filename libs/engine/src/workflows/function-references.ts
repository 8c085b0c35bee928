import { toPointer } from '@app/common';

export interface FunctionReference {
  /** Where in the definition it stands. */
  readonly pointer: string;
  readonly name: string;
  readonly qualifier?: string;
}

const OWN = /^function:([^:?]+)(?::([^:?]+))?(?:\?cache=off)?$/;
const LAMBDA = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/;
const INVOKE = /^arn:[^:]+:states:[^:]*:[^:]*:lambda:invoke/;

/** Every function that a definition names outright, wherever in it the Task state stands. */
export function functionReferences(definition: unknown): FunctionReference[] {
  return walk(definition, []);
}

function walk(value: unknown, path: readonly PropertyKey[]): FunctionReference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...path, index]));
  if (value === null || typeof value !== 'object') return [];
  const here = value as Record<string, unknown>;
  const nested = ['States', 'Branches', 'Iterator', 'ItemProcessor'].filter((key) => key in here);
  const found = nested.flatMap((key) =>
    key === 'States' && here[key] !== null && typeof here[key] === 'object'
      ? Object.entries(here[key]).flatMap(([name, state]) => walk(state, [...path, key, name]))
      : walk(here[key], [...path, key]),
  );
  return [...(here['Type'] === 'Task' ? referenceOf(here, path) : []), ...found];
}

function referenceOf(task: Record<string, unknown>, path: readonly PropertyKey[]): FunctionReference[] {
  const resource = task['Resource'];
  if (typeof resource !== 'string') return [];
  const isInvoke = INVOKE.test(resource);
  const parameters = task['Parameters'] as Record<string, unknown> | undefined;
  const named = isInvoke ? parameters?.['FunctionName'] : resource;
  if (typeof named !== 'string') return [];
  const [, name, qualifier] = OWN.exec(named) ?? LAMBDA.exec(named) ?? (isInvoke ? ['', ...named.split(':')] : []);
  if (!name) return [];
  const pointer = toPointer([...path, ...(isInvoke ? ['Parameters', 'FunctionName'] : ['Resource'])]);
  return [{ pointer, name, ...(qualifier && { qualifier }) }];
}
