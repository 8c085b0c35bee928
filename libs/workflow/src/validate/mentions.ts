/** What an expression mentions that is not its own. */
export interface Mentions {
  /** Variables and functions that it neither binds nor takes as parameters. */
  readonly variables: ReadonlySet<string>;
  /** `result`, of `$states.result`. */
  readonly states: ReadonlySet<string>;
  /** Names of fields where there is nothing to select from. */
  readonly topLevel: ReadonlySet<string>;
  /** `$$`. */
  readonly root: boolean;
  /** It begins with `$` or a wildcard, of nothing. */
  readonly isUnqualified: boolean;
}

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly [key: string]: unknown;
}

/** Reads the library's syntax tree. A name that is bound anywhere in the expression counts as its own. */
export function mentionsOf(tree: unknown): Mentions {
  const reader = new Reader();
  reader.read(tree as Node);
  const variables = new Set([...reader.used].filter((name) => !reader.bound.has(name)));
  const topLevel = new Set(topLevelNames(tree));
  return { variables, states: reader.states, topLevel, root: reader.root, isUnqualified: isUnqualified(tree as Node) };
}

class Reader {
  readonly used = new Set<string>();
  readonly bound = new Set<string>();
  readonly states = new Set<string>();
  root = false;

  read(value: unknown): void {
    if (Array.isArray(value)) for (const inner of value) this.read(inner);
    else if (isNode(value)) {
      this.readNode(value);
      for (const inner of Object.values(value)) this.read(inner);
    }
  }

  private readNode(node: Node): void {
    const { type, value } = node;
    if (type === 'variable' && typeof value === 'string' && value !== '' && value !== '$' && value !== 'states') {
      this.used.add(value);
    }
    if (type === 'variable' && value === '$') this.root = true;
    if (type === 'bind') this.bind(node['lhs']);
    if (type === 'lambda')
      for (const parameter of (node['arguments'] as unknown[] | undefined) ?? []) this.bind(parameter);
    for (const name of [node['focus'], node['index']]) if (typeof name === 'string') this.bound.add(name);
    if (type === 'path') this.readPath(node['steps'] as readonly Node[]);
  }

  private bind(node: unknown): void {
    if (isNode(node) && typeof node.value === 'string') this.bound.add(node.value);
  }

  private readPath([first, second]: readonly Node[]): void {
    if (first?.type !== 'variable' || first.value !== 'states') return;
    if (second?.type === 'name') this.states.add(String(second.value));
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What follows on a first step, and what is in its filters, its order or its groups, selects from that step; all else,
 * the body of a function too, selects from what the whole expression has: nothing.
 */
function topLevelNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(topLevelNames);
  if (!isNode(value)) return [];
  if (value.type === 'name') return [String(value.value)];
  if (value.type === 'transform') return [];
  if (value.type === 'path') return topLevelNames((value['steps'] as readonly Node[])[0]);
  return WITH_PARTS.flatMap((part) => topLevelNames(value[part]));
}

const WITH_PARTS = [
  'lhs',
  'rhs',
  'expression',
  'expressions',
  'condition',
  'then',
  'else',
  'procedure',
  'arguments',
  'body',
];

function isUnqualified(tree: Node): boolean {
  const first = tree.type === 'path' ? (tree['steps'] as readonly Node[])[0] : tree;
  if (first?.type === 'variable') return first.value === '';
  return first?.type === 'wildcard' || first?.type === 'descendant';
}
