import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    draining?: DrainingService;
  }
}

const GRACE_MS = 3_000;
const TIDY_MS = 20;

/** Ends the requests that are held open when their caller goes away or we do: streams, polls, waits. */
@Injectable()
export class DrainingService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance();
    fastify.addHook('onRequest', async (request) => {
      request.draining = this;
    });
  }

  /** Aborts when the answer is out, its connection is gone, or the process is to end. */
  signalOf(reply: FastifyReply): AbortSignal {
    const over = new AbortController();
    reply.raw.once('close', () => over.abort());
    return AbortSignal.any([this.closing.signal, over.signal]);
  }

  beforeApplicationShutdown(): void {
    this.closing.abort();
    const server = this.host.httpAdapter.getHttpServer() as Server;
    // A connection that was busy when the server closed would stay open when it becomes idle.
    const tidying = setInterval(() => server.closeIdleConnections(), TIDY_MS).unref();
    // Who does not take an answer that is ready must not keep us from ending.
    const cutting = setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
    server.once('close', () => {
      clearInterval(tidying);
      clearTimeout(cutting);
    });
  }
}
