import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestMethod } from '@nestjs/common';
import type { Params } from 'nestjs-pino';
import type { GatewaySettings } from '../settings.js';
import { requestId } from './request-id.js';

/** One JSON line per request, with its id; nothing of headers, bodies or queries, where keys may stand. */
export function logging({ logLevel }: Pick<GatewaySettings, 'logLevel'>): Params {
  return {
    // nestjs-pino's own default, "{/*splat}", matches nothing on Fastify: its middleware gets a "/" in front.
    forRoutes: [{ path: '/{*splat}', method: RequestMethod.ALL }],
    pinoHttp: {
      hooks: {
        logMethod(args, log) {
          if (!isStartupDetail(args)) log.apply(this, args);
        },
      },
      level: logLevel,
      genReqId: (request: IncomingMessage & { id?: unknown }) => (request.id as string) ?? requestId(request),
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, path: pathOf(url) }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
      customLogLevel: (request: IncomingMessage, response: ServerResponse) => levelOf(request, response),
      customSuccessMessage: (request: IncomingMessage, response: ServerResponse) =>
        `${request.method} ${pathOf(request.url)} ${response.statusCode}`,
    },
  };
}

const pathOf = (url = '') => url.split('?')[0] ?? '';
const ROUTINE = /^\/(health|metrics|worker)(\/|$)/;

function levelOf(request: IncomingMessage, { statusCode }: ServerResponse) {
  if (statusCode >= 500) return 'error';
  return ROUTINE.test(pathOf((request as IncomingMessage & { originalUrl?: string }).originalUrl ?? request.url))
    ? 'debug'
    : 'info';
}

/** Nest tells of each module and route that it sets up: a hundred lines that say the same at every start. */
const DETAILS = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer']);
const isStartupDetail = ([first]: readonly unknown[]): boolean =>
  DETAILS.has(String((first as { context?: unknown } | undefined)?.context));
