import { BODIES } from './bodies.js';
import { examples, places, replaced, type Schema, type Schemas } from './examples.js';
import { HOSTILE_BODIES, HOSTILE_JSON, HOSTILE_TEXT } from './values.js';

/** An operation of the OpenAPI document; only what attacks are made of. */
export interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Attack {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string | Uint8Array;
}

export interface Target {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly schemas: Schemas;
  /** Names and ids that are there, by how addresses of them begin. */
  readonly known: Readonly<Record<string, string>>;
}

const MARK = '@@hostile@@';

/** Every parameter and every field of every body with every hostile value, one at a time. */
export function* attacksOn(target: Target): Generator<Attack> {
  const { path, method, operation } = target;
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  const example = type === undefined ? {} : { type, body: '{}' };
  const send = (query = '') => ({ method, path: `${fill(target)}?${quickly(path)}${query}` });
  for (const text of HOSTILE_TEXT) {
    yield { ...send(`${text}=${text}`), ...example };
    for (const { name, in: place } of operation.parameters ?? []) {
      if (place === 'query') yield { ...send(`${name}=${text}`), ...example };
      else if (place === 'path') yield { method, path: `${fill(target, { name, text })}?${quickly(path)}`, ...example };
    }
  }
  for (const one of Object.keys(operation.requestBody?.content ?? {})) {
    for (const body of HOSTILE_BODIES) yield { ...send(), type: one, body };
    for (const body of bodiesOf(target, one)) yield { ...send(), type: one, body };
  }
}

function* bodiesOf({ path, operation, schemas }: Target, type: string): Generator<string> {
  const bodies = BODIES[path] ?? examples(operation.requestBody?.content[type]?.schema, schemas);
  for (const body of bodies) {
    yield JSON.stringify(body);
    for (const place of places(body)) {
      const [before = '', after = ''] = JSON.stringify(replaced(body, place, MARK)).split(`"${MARK}"`);
      for (const text of HOSTILE_JSON) yield before + text + after;
    }
  }
}

/** What would wait for an executor is not waited for. */
const quickly = (path: string): string => (path === '/v1/functions/{name}/invocations' ? 'waitSeconds=0&' : '');

function fill({ path, known }: Target, hostile?: { name: string; text: string }): string {
  const entity = Object.entries(known).find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'x';
  const [first] = /\{\w+\}/.exec(path) ?? [];
  return path.replace(/\{(\w+)\}/g, (place, name: string) => {
    if (hostile?.name === name) return hostile.text;
    return place === first ? entity : '1';
  });
}
