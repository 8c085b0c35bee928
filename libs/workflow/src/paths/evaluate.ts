import { isObject, member } from '../json.js';
import type { Json } from '../model.js';
import { type FilterPath, isDefinite, type Step } from './ast.js';
import { holds, mayBeFiltered, NotANumber } from './filter.js';

/** A path that leads nowhere, in the words of AWS's library; it does not always say so of an item of a list. */
export class NothingThere extends Error {
  constructor(
    message: string,
    readonly isTold: boolean,
  ) {
    super(message);
  }
}

/** So many places may be looked at: deep paths in deep paths multiply. Less than a second. */
const MAX_VISITS = 1_000_000;

/** Where a value was found, from its end to its beginning: only failures show it. */
type Trail = { readonly before: Trail; readonly step: string } | undefined;

/** All that the steps find. Throws NothingThere. */
export function evaluateSteps(root: Json, steps: readonly Step[]): Json[] {
  const search = new Search(root, steps, { left: MAX_VISITS });
  search.visit(0, root, undefined);
  return search.found;
}

class Search {
  readonly found: Json[] = [];
  private readonly isDefinite: boolean;

  constructor(
    private readonly root: Json,
    private readonly steps: readonly Step[],
    private readonly budget: { left: number },
    private readonly start = root,
  ) {
    this.isDefinite = steps.every(isDefinite);
  }

  visit(at: number, value: Json, trail: Trail): void {
    if (--this.budget.left < 0) throw new NothingThere('Too many places are searched.', true);
    const step = this.steps[at];
    switch (step?.kind) {
      case undefined:
        this.found.push(value);
        return;
      case 'names':
        return this.names(step.names, at, value, trail);
      case 'indexes':
        return this.indexes(step.indexes, at, value, trail);
      case 'slice':
        return this.slice(step, at, value, trail);
      case 'every':
        return this.every(at, value, trail);
      case 'deep':
        return this.deep(at + 1, value, trail);
      case 'filter':
        return this.filter(step, at, value, trail);
    }
  }

  private names(names: readonly string[], at: number, value: Json, trail: Trail): void {
    const written = namesShown(names);
    if (!isObject(value)) throw nothing(`Property ${written} not found in path ${shownTrail(trail)}`);
    const isLast = at === this.steps.length - 1;
    const [name, ...others] = names as [string, ...string[]];
    if (others.length > 0) {
      const place = shownTrail({ before: trail, step: written });
      if (!isLast) throw refused(`Multi properties can only be used as path leafs: ${place}`);
      const there = names.filter((one) => Object.hasOwn(value, one));
      this.found.push(Object.fromEntries(there.map((one) => [one, value[one] as Json])));
      return;
    }
    const next = member(value, name);
    const behind = { before: trail, step: written };
    if (next !== undefined) return this.visit(at + 1, next, behind);
    if (isLast) throw nothing(`No results for path: ${shownTrail(behind)}`);
    if (this.isDefinite) throw nothing(`Missing property in path ${shownTrail(behind)}`);
  }

  private indexes(indexes: readonly number[], at: number, value: Json, trail: Trail): void {
    const list = this.list(value, at, trail);
    for (const index of indexes) this.item(index, at, list, trail);
  }

  private slice({ from, to }: Extract<Step, { kind: 'slice' }>, at: number, value: Json, trail: Trail): void {
    const list = this.list(value, at, trail);
    const start = from === undefined ? 0 : from < 0 ? Math.max(0, list.length + from) : from;
    const end = to === undefined ? list.length : to < 0 ? list.length + to : Math.min(list.length, to);
    for (let index = start; index < end; index++) this.item(index, at, list, trail);
  }

  /** Past the end there is null. */
  private item(index: number, at: number, list: readonly Json[], trail: Trail): void {
    this.visit(at + 1, list.at(index) ?? null, { before: trail, step: `[${index}]` });
  }

  private list(value: Json, at: number, trail: Trail): readonly Json[] {
    if (Array.isArray(value)) return value;
    if (value === null) throw nothing(`The path ${shownTrail(trail)} is null`);
    throw refused(`Filter: ${this.rest(at)} can only be applied to arrays. Current context is: ${shown(value, trail)}`);
  }

  private rest(at: number): string {
    return this.steps.slice(at).map(stepShown).join('');
  }

  private every(at: number, value: Json, trail: Trail): void {
    if (Array.isArray(value)) {
      for (const index of value.keys()) {
        try {
          this.item(index, at, value, trail);
        } catch (error) {
          if (!(error instanceof NothingThere) || error.isTold) throw error;
        }
      }
    } else if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        this.visit(at + 1, inner, { before: trail, step: `['${name}']` });
      }
    }
  }

  /** Each place before those below it. */
  private deep(at: number, value: Json, trail: Trail): void {
    if (this.mayStand(at, value)) this.visit(at, value, trail);
    if (Array.isArray(value)) {
      for (const [index, inner] of value.entries()) this.below(at, inner, { before: trail, step: `[${index}]` });
    } else if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        this.below(at, inner, { before: trail, step: `['${name}']` });
      }
    }
  }

  private below(at: number, value: Json, trail: Trail): void {
    if (--this.budget.left < 0) throw new NothingThere('Too many places are searched.', true);
    if (typeof value === 'object' && value !== null) this.deep(at, value, trail);
  }

  private mayStand(at: number, value: Json): boolean {
    const step = this.steps[at] as Step;
    if (step.kind === 'names') return isObject(value) && step.names.every((name) => Object.hasOwn(value, name));
    if (step.kind === 'every') return true;
    return step.kind === 'filter' ? isObject(value) : Array.isArray(value);
  }

  private filter(step: Extract<Step, { kind: 'filter' }>, at: number, value: Json, trail: Trail): void {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) if (this.passes(step, item)) this.item(index, at, value, trail);
    } else if (isObject(value)) {
      if (this.passes(step, value)) this.visit(at + 1, value, trail);
    } else {
      throw refused(
        `Filter: ${this.rest(at)} can not be applied to primitives. Current context is: ${shown(value, trail)}`,
      );
    }
  }

  private passes({ condition }: Extract<Step, { kind: 'filter' }>, item: Json): boolean {
    try {
      return holds(condition, (path) => this.look(path, item));
    } catch (error) {
      throw error instanceof NotANumber ? refused(error.message) : error;
    }
  }

  private look({ ofRoot, steps }: FilterPath, item: Json): Json | undefined {
    if (!ofRoot && steps.length === 0 && !mayBeFiltered(item)) return undefined;
    const search = new Search(this.root, steps, this.budget, ofRoot ? this.root : item);
    try {
      search.visit(0, search.start, undefined);
    } catch (error) {
      if (error instanceof NothingThere && !error.isTold) return undefined;
      throw error;
    }
    return search.isDefinite ? search.found[0] : search.found;
  }
}

const nothing = (message: string): NothingThere => new NothingThere(message, false);
const refused = (message: string): NothingThere => new NothingThere(message, true);

const namesShown = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;

function stepShown(step: Step): string {
  switch (step.kind) {
    case 'names':
      return namesShown(step.names);
    case 'indexes':
      return `[${step.indexes.join(',')}]`;
    case 'slice':
      return `[${step.from ?? ''}:${step.to ?? ''}]`;
    case 'every':
      return '[*]';
    case 'deep':
      return '..';
    case 'filter':
      return '[?]';
  }
}

function shownTrail(trail: Trail): string {
  const steps: string[] = [];
  for (let at = trail; at; at = at.before) steps.push(at.step);
  return `$${steps.toReversed().join('')}`;
}

/** As Java shows it, where a text that is a member has no quotes; it may be large. */
const shown = (value: Json, trail: Trail): string =>
  (typeof value === 'string' && trail?.step.startsWith("['") ? value : JSON.stringify(value)).slice(0, 10_000);
