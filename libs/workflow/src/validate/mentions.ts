/** What an expression mentions that is not its own. */
export interface Mentions {
  /** Variables and functions that it neither binds nor takes as parameters. */
  readonly variables: ReadonlySet<string>;
  /** `result`, of `$states.result`. */
  readonly states: ReadonlySet<string>;
  /** A field's name, or `$`, where there is nothing to select from. */
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
  return { variables, states: reader.states, isUnqualified: isUnqualified(tree as Node) };
}

class Reader {
  readonly used = new Set<string>();
  readonly bound = new Set<string>();
  readonly states = new Set<string>();

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

/** Only at the very beginning: inside of a path, a filter or a function there is something to select from. */
function isUnqualified(tree: Node): boolean {
  if (tree.type === 'variable') return tree.value === '' || tree.value === '$';
  if (tree.type === 'name') return true;
  if (tree.type !== 'path') return false;
  const [first] = tree['steps'] as readonly Node[];
  return first !== undefined && (first.type === 'name' || (first.type === 'variable' && first.value === ''));
}
