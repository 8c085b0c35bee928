import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiKeysService, type Caller } from '@app/engine';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { type GatewaySettings, SETTINGS } from '../settings.js';
import { accessTo } from './access.js';
import { ExecutorTokenRefused, KeyMissing, KeyRefused } from './access.errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose key came with the request. */
    caller?: Caller;
  }
}

/** Asks for a key before anything of the body is read: strangers cannot make us take megabytes in. */
@Injectable()
export class AccessHook implements OnModuleInit {
  private readonly executorToken: Buffer;

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly keys: ApiKeysService,
    @Inject(SETTINGS) settings: GatewaySettings,
  ) {
    this.executorToken = digest(settings.executorToken);
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance();
    fastify.addHook('onRequest', async (request: FastifyRequest) => this.admit(request));
  }

  private async admit(request: FastifyRequest): Promise<void> {
    const access = accessTo(request.is404 ? undefined : request.routeOptions.url);
    if (access === 'open' || (access === 'local' && isLocal(request))) return;
    if (access === 'executor') return this.admitExecutor(request);
    const key = apiKeyOf(request) ?? (isStoreHook(request) ? password(request) : undefined);
    if (!key) throw new KeyMissing();
    const caller = await this.keys.authenticate(key);
    if (!caller) throw new KeyRefused();
    request.caller = caller;
  }

  admitExecutor(request: Pick<FastifyRequest, 'headers'>): void {
    // Digests have one length, and comparing them takes one time, whatever was sent.
    if (!timingSafeEqual(digest(bearer(request) ?? ''), this.executorToken)) throw new ExecutorTokenRefused();
  }
}

const digest = (token: string) => createHash('sha256').update(token).digest();

const bearer = (request: Pick<FastifyRequest, 'headers'>) =>
  /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];

/** The API key that came with a request, in whichever way. */
export const apiKeyOf = (request: Pick<FastifyRequest, 'headers'>): string | undefined =>
  bearer(request) ?? apiKeyHeader(request);

function apiKeyHeader(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = request.headers['x-api-key'];
  return Array.isArray(header) ? header[0] : header;
}

/** From this machine and not through a proxy on it, which would lend everybody its own address. */
function isLocal(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? '';
  const isLoopback = address === '::1' || /^(::ffff:)?127\./.test(address);
  return isLoopback && !request.headers['x-forwarded-for'] && !request.headers.forwarded;
}

/** SNS can send no header of its own: it puts what stands in the address, `https://any:KEY@…`, into this one. */
function password(request: FastifyRequest): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  return encoded && /:([\s\S]+)$/.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
}

const isStoreHook = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url?.startsWith('/v1/hooks/') ?? false;
