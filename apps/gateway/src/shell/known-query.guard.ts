import { InvalidRequest } from '@app/common';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/internal';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

type Arguments = Readonly<Record<string, { readonly data?: string; readonly schema?: unknown }>>;

/**
 * Refuses parameters of a query that a route does not know: one that is misspelt would else be ignored, and a list be
 * taken for filtered that is not. What a route knows stands in its `@Query({ schema })`.
 */
@Injectable()
export class KnownQueryGuard implements CanActivate {
  private readonly known = new WeakMap<object, ReadonlySet<string>>();

  canActivate(context: ExecutionContext): boolean {
    const { routeOptions, query } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!routeOptions.url?.startsWith('/v1/')) return true;
    const known = this.knownBy(context);
    const issues = Object.keys((query ?? {}) as object)
      .filter((name) => !known.has(name))
      .map((name) => ({ pointer: `/query/${name.slice(0, 100)}`, message: `is not known here: ${listed(known)}` }));
    if (issues.length > 0) throw new InvalidRequest(issues);
    return true;
  }

  private knownBy(context: ExecutionContext): ReadonlySet<string> {
    const handler = context.getHandler();
    const found = this.known.get(handler) ?? namesOf(argumentsOf(context.getClass(), handler.name));
    this.known.set(handler, found);
    return found;
  }
}

const argumentsOf = (controller: object, method: string): Arguments =>
  (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) as Arguments | undefined) ?? {};

function namesOf(all: Arguments): Set<string> {
  const queries = Object.entries(all).filter(([kind]) => kind.startsWith(`${RouteParamtypes.QUERY}:`));
  return new Set(
    queries.flatMap(([, { data, schema }]) =>
      schema instanceof z.ZodObject ? Object.keys(schema.shape) : (data ?? []),
    ),
  );
}

const listed = (known: ReadonlySet<string>): string =>
  known.size === 0 ? 'this request takes no parameters' : `there are ${[...known].join(', ')}`;
