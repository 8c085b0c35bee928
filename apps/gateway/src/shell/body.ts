import { findUnstorable, InvalidRequest, isNestedTooDeep, MAX_NESTING, toPointer } from '@app/common';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';

const MB = 1024 * 1024;
export const BODY_LIMIT = 10 * MB;
const LARGE_BODIES: Readonly<Record<string, number>> = {
  // A zip of 50 MB is 67 MB of base64.
  '/v1/functions': 80 * MB,
  // Many results at once, after the gateway was away for a while.
  '/worker/v1/executors/:id/poll': 64 * MB,
  // Up to 1,000 results of activities.
  '/v1/task-tokens/results': 64 * MB,
  // Values up to the largest SPOOL_MAX_PAYLOAD_BYTES, with what is around them.
  '/v1/workflows/:name/executions': 68 * MB,
  '/v1/functions/:name/invocations': 68 * MB,
  '/v1/executions/:id/rerun': 68 * MB,
  '/v1/workflows/test-state': 68 * MB,
  '/v1/task-tokens/success': 68 * MB,
  // 1,000 lines of 16 KiB.
  '/worker/v1/tasks/:id/logs': 32 * MB,
};

/** Routes that take any type of body, and get its bytes: where a format of its own is spoken, or bytes are signed. */
const RAW_BODIES: Readonly<Record<string, number>> = {
  '/v1/events': BODY_LIMIT,
  // Strangers may send to it before they show a signature.
  '/hooks/:namespace/*': MB,
};

/** These say by themselves what becomes of text that cannot be stored: it is another's, and must not block the rest. */
const ANY_TEXT = /^\/(worker\/v1\/(tasks\/|executors\/:id\/poll$)|v1\/(hooks|task-tokens|topics)\/)/;

/** A value of the deepest, with what is around it. */
const BODY_NESTING = MAX_NESTING + 24;
const TOO_DEEP = new InvalidRequest([{ pointer: '', message: `is nested more than ${BODY_NESTING} levels deep` }]);

export const UNSTORABLE_TEXT = 'must not contain NUL or half of a surrogate pair';

type Done = (error: Error | null, body?: unknown) => void;

/** Reads JSON bodies, of which an empty one is none, and says where one is broken. */
export function readJsonBodies(fastify: FastifyInstance): void {
  // "__proto__" as a key is refused: whoever copies such an object would change its prototype.
  const parse = fastify.getDefaultJsonParser('error', 'ignore') as (
    request: FastifyRequest,
    body: string,
    done: Done,
  ) => void;
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (isRaw(request)) return done(null, body);
    done(new UnsupportedMediaTypeException('The body must be application/json'));
  });
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isRaw(request)) return done(null, Buffer.from(body as string));
    if (body.length === 0) return done(null, undefined);
    if (isNestedTooDeep(body as string, BODY_NESTING)) return done(TOO_DEEP);
    parse(request, body as string, (error, value) =>
      error ? done(notJson(error, body as string)) : done(unstorable(request, body as string, value), value),
    );
  });
  fastify.addHook('onRoute', (route: RouteOptions) => {
    const limit = RAW_BODIES[route.url] ?? (route.method === 'POST' ? LARGE_BODIES[route.url] : undefined);
    if (limit !== undefined) route.bodyLimit = limit;
  });
}

const isRaw = (request: FastifyRequest): boolean => (request.routeOptions.url ?? '') in RAW_BODIES;

function unstorable({ routeOptions }: FastifyRequest, body: string, value: unknown): InvalidRequest | null {
  return ANY_TEXT.test(routeOptions.url ?? '') ? null : unstorableIn(body, value);
}

function unstorableIn(body: string, value: unknown): InvalidRequest | null {
  const place = findUnstorable(body, value);
  return place ? new InvalidRequest([{ pointer: toPointer(place), message: UNSTORABLE_TEXT }]) : null;
}

/** For raw bodies: JSON by the same rules. */
export const parseJson = (body: Buffer): unknown => parseText(body.toString('utf8'));

/** By the same rules as the body of a route that is no raw one. */
export function parseStorableJson(body: Buffer): unknown {
  const text = body.toString('utf8');
  const value = parseText(text);
  const refusal = unstorableIn(text, value);
  if (refusal) throw refusal;
  return value;
}

function parseText(text: string): unknown {
  if (isNestedTooDeep(text, BODY_NESTING)) throw TOO_DEEP;
  try {
    const value: unknown = JSON.parse(text);
    if (NAMED_PROTO.test(text) && namesProto(value)) throw new Error('__proto__');
    return value;
  } catch (error) {
    throw notJson(error as Error, text);
  }
}

/** Whoever copies such an object would change its prototype. */
function namesProto(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesProto);
}

function notJson(error: Error, body: string): InvalidRequest {
  try {
    JSON.parse(body);
  } catch (syntax) {
    const message = `is not valid JSON: ${(syntax as Error).message.slice(0, 200)}`;
    return new InvalidRequest([{ pointer: '', message }]);
  }
  const why = NAMED_PROTO.test(body) ? '__proto__ is no name for a field' : error.message;
  return new InvalidRequest([{ pointer: '', message: `is refused: ${why}` }]);
}

const NAMED_PROTO = /"(?:__proto__|\\u005f)/i;
