import type { Server } from 'node:http';
import type { Socket } from 'node:net';
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
/** Nobody asks why. One for all: an error made for each request would have its stack traced. */
const OVER = new DOMException('Nobody waits for the answer any more', 'AbortError');

/** Ends the requests that are held open when their caller goes away or we do: streams, polls, waits. */
@Injectable()
export class DrainingService implements OnModuleInit, BeforeApplicationShutdown {
  /** Of the answers that are awaited. */
  private readonly open = new Set<AbortController>();
  private isClosing = false;
  /** How many requests each connection is busy with. */
  private readonly connections = new Map<Socket, number>();

  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance();
    this.watch(fastify.server);
    fastify.addHook('onRequest', async (request) => {
      request.draining = this;
    });
  }

  /** Aborts when the answer is out, its connection is gone, or the process is to end. */
  signalOf(reply: FastifyReply): AbortSignal {
    const over = new AbortController();
    // Who went away while it was asked who they are does not go away again.
    if (this.isClosing || reply.raw.closed) over.abort(OVER);
    else this.open.add(over);
    reply.raw.once('close', () => {
      this.open.delete(over);
      over.abort(OVER);
    });
    return over.signal;
  }

  beforeApplicationShutdown(): void {
    this.isClosing = true;
    for (const over of this.open) over.abort(OVER);
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const tidying = setInterval(() => this.closeIdle(), TIDY_MS).unref();
    // Who does not take an answer that is ready must not keep us from ending.
    const cutting = setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
    server.once('close', () => {
      clearInterval(tidying);
      clearTimeout(cutting);
    });
  }

  /** Not `closeIdleConnections`: to it a connection on which nothing was ever asked is busy (clients open them ahead). */
  private closeIdle(): void {
    for (const [connection, requests] of this.connections) if (requests === 0) connection.destroy();
  }

  /** One that carries work without requests, and is ended by whoever has it. */
  keep(connection: Socket): void {
    this.count(connection, 1);
  }

  private watch(server: Server): void {
    server.on('connection', (connection) => {
      this.connections.set(connection, 0);
      connection.once('close', () => this.connections.delete(connection));
    });
    server.on('request', ({ socket }, response) => {
      this.count(socket, 1);
      response.once('close', () => this.count(socket, -1));
    });
  }

  private count(connection: Socket, change: number): void {
    const requests = this.connections.get(connection);
    if (requests !== undefined) this.connections.set(connection, requests + change);
  }
}
