import type { Anchored, AnchorSet } from './anchors.js';
import type { Scalar } from './event-pattern.js';
import { field, objectsIn, scalarsIn } from './match-pattern.js';

/** Texts by their beginning or end: one look-up for each length that there is. */
class Affixes<Item> {
  private readonly byLength = new Map<number, Map<string, Item[]>>();

  constructor(private readonly cut: (text: string, length: number) => string) {}

  add(affix: string, item: Item): void {
    listIn(mapIn(this.byLength, affix.length), affix).push(item);
  }

  collect(text: string, found: Set<Item>): void {
    for (const [length, affixes] of this.byLength) {
      if (length > text.length) continue;
      for (const item of affixes.get(this.cut(text, length)) ?? []) found.add(item);
    }
  }
}

/** What is anchored at one field of events, and the fields below it. */
class Node<Item> {
  readonly children = new Map<string, Node<Item>>();
  private readonly exact = new Map<Scalar, Item[]>();
  private readonly folded = new Map<string, Item[]>();
  private readonly prefix = new Affixes<Item>((text, length) => text.slice(0, length));
  private readonly suffix = new Affixes<Item>((text, length) => text.slice(text.length - length));

  add({ anchor }: Anchored, item: Item): void {
    if (anchor.kind === 'exact') listIn(this.exact, anchor.value).push(item);
    else if (anchor.kind === 'folded') listIn(this.folded, anchor.value).push(item);
    else this[anchor.kind].add(anchor.value, item);
  }

  collect(value: Scalar, found: Set<Item>): void {
    for (const item of this.exact.get(value) ?? []) found.add(item);
    if (typeof value !== 'string') return;
    if (this.folded.size > 0) for (const item of this.folded.get(value.toLowerCase()) ?? []) found.add(item);
    this.prefix.collect(value, found);
    this.suffix.collect(value, found);
  }
}

/**
 * Finds the few of many items that an event may match, by looking up what the event has. Each item is entered under
 * the set of anchors that it shares with the fewest others, so a bucket that everybody names costs nobody anything.
 */
export class AnchorIndex<Item> {
  private readonly top = new Node<Item>();
  private readonly anywhere: Item[] = [];

  constructor(entries: readonly { readonly item: Item; readonly sets: readonly AnchorSet[] }[]) {
    const crowd = new Map<string, number>();
    for (const { sets } of entries) {
      for (const anchored of sets.flat()) crowd.set(keyOf(anchored), (crowd.get(keyOf(anchored)) ?? 0) + 1);
    }
    const cost = (set: AnchorSet) => set.reduce((sum, anchored) => sum + (crowd.get(keyOf(anchored)) ?? 0), 0);
    for (const { item, sets } of entries) {
      const [best] = sets.map((set) => ({ set, cost: cost(set) })).toSorted((a, b) => a.cost - b.cost);
      if (best) for (const anchored of best.set) this.nodeAt(anchored.path).add(anchored, item);
      else this.anywhere.push(item);
    }
  }

  /** All that match are among them. */
  candidates(event: unknown): Set<Item> {
    const found = new Set(this.anywhere);
    walk(this.top, event, found);
    return found;
  }

  private nodeAt(path: readonly string[]): Node<Item> {
    let node = this.top;
    for (const key of path) {
      const next = node.children.get(key) ?? new Node<Item>();
      node.children.set(key, next);
      node = next;
    }
    return node;
  }
}

/** Goes down where both the event and the index have something. */
function walk<Item>(node: Node<Item>, value: unknown, found: Set<Item>): void {
  for (const scalar of scalarsIn(value)) node.collect(scalar, found);
  if (node.children.size === 0) return;
  for (const one of objectsIn(value)) {
    if (one === undefined) continue;
    // Whichever is shorter: an index of many fields and a small event, or the other way round.
    const own = Object.keys(one as object);
    for (const key of own.length < node.children.size ? own : node.children.keys()) {
      const [child, below] = [node.children.get(key), field(one, key)];
      if (child && below !== undefined) walk(child, below, found);
    }
  }
}

const keyOf = ({ path, anchor: { kind, value } }: Anchored): string => JSON.stringify([path, kind, value]);

function listIn<Key, Item>(map: Map<Key, Item[]>, key: Key): Item[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function mapIn<Item>(map: Map<number, Map<string, Item[]>>, key: number): Map<string, Item[]> {
  const inner = map.get(key) ?? new Map<string, Item[]>();
  map.set(key, inner);
  return inner;
}
