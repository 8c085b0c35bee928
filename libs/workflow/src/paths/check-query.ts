import type { JsonPathQuery } from 'jsonpath-rfc9535/parser';

type Segment = JsonPathQuery['segments'][number];

/**
 * Why a query may take too long, if so. What is left takes time in proportion to the document: a descent visits each
 * node below each node of the one before, `[0,0][0,0]…` doubles with each step, and a filter that searches does so for
 * each item. RFC 9535's match() and search() run a regular expression of the user's, which may take for ever.
 */
export function costlyPart({ segments }: JsonPathQuery): string | undefined {
  if (segments.filter(({ type }) => type === 'DescendantSegment').length > 1) return "more than one '..'";
  if (segments.reduce((product, segment) => product * selectorsOf(segment).length, 1) > MAX_SELECTORS) {
    return `selectors that multiply to more than ${MAX_SELECTORS}`;
  }
  const filters = segments.flatMap(selectorsOf).filter(({ type }) => type === 'FilterSelector');
  if (filters.some((filter) => 'value' in filter && contains(filter.value, FUNCTION))) return 'a function in a filter';
  if (filters.some((filter) => 'value' in filter && contains(filter.value, SEARCHES))) return 'a search in a filter';
  return undefined;
}

const MAX_SELECTORS = 16;
const FUNCTION = new Set(['FunctionExpr']);
const SEARCHES = new Set(['DescendantSegment', 'WildcardSelector', 'SliceSelector', 'FilterSelector']);

const selectorsOf = ({ node }: Segment): readonly { readonly type: string }[] =>
  node.type === 'BracketedSelection' ? node.selectors : [node];

/** Whether the syntax tree has a node of one of the types, or a bracket with several selectors. */
function contains(tree: unknown, types: ReadonlySet<string>): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  if ('type' in tree && types.has(String(tree.type))) return true;
  if ('selectors' in tree && Array.isArray(tree.selectors) && tree.selectors.length > 1) return true;
  return Object.values(tree).some((inner) => contains(inner, types));
}
