import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { serveNotUpgraded } from '@app/common';
import { ExecutorsService, LanesService } from '@app/engine';
import { FrameReader, FrameWriter, LANE_MAX_BYTES, LANE_PROTOCOL } from '@app/worker-api';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AccessHook } from '../shell/access.hook.js';
import { DrainingService } from '../shell/draining.service.js';
import { problemOf } from '../shell/problem.filter.js';

const ROUTE = /^\/worker\/v1\/executors\/([0-9a-f-]{36})\/lane$/;
const ALIVE_MS = 15_000;

/** Where executors open the fast lane: see `libs/worker-api/src/lane.ts`. */
@Injectable()
export class LaneServer implements OnModuleInit {
  private readonly logger = new Logger(LaneServer.name);

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly access: AccessHook,
    private readonly executors: ExecutorsService,
    private readonly lanes: LanesService,
    private readonly draining: DrainingService,
  ) {}

  onModuleInit(): void {
    const { server } = this.host.httpAdapter.getInstance();
    server.on('upgrade', (request: IncomingMessage, socket: Socket, first: Buffer) => {
      const id = ROUTE.exec(request.url ?? '')?.[1];
      const isWanted = id !== undefined && request.headers.upgrade?.toLowerCase() === LANE_PROTOCOL;
      if (isWanted) void this.open(request, socket, id);
      else serveNotUpgraded(server as Server, request, socket, first);
    });
  }

  private async open(request: IncomingMessage, socket: Socket, executorId: string): Promise<void> {
    socket.on('error', () => {}); // Its close follows.
    try {
      this.access.admitExecutor(request);
      await this.executors.ensureKnown(executorId);
    } catch (error) {
      const { status, title } = problemOf(error);
      return refuse(socket, status, title);
    }
    if (!this.connect(socket, executorId)) refuse(socket, 409, 'Conflict');
  }

  private connect(socket: Socket, executorId: string): boolean {
    const writer = new FrameWriter(socket);
    const lane = this.lanes.connect({
      executorId,
      send: (type, call, head, body) => writer.send(type, call, head, body),
      close: () => socket.destroy(),
    });
    if (!lane) return false;
    this.draining.keep(socket);
    socket.setNoDelay(true).setKeepAlive(true, ALIVE_MS).setTimeout(0);
    const reader = new FrameReader(LANE_MAX_BYTES, (frame) => lane.receive(frame));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.logger.warn(`The lane of executor ${executorId} is ended: ${String(error)}`);
        socket.destroy();
      }
    });
    socket.on('end', () => socket.destroy()).once('close', () => lane.closed());
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${LANE_PROTOCOL}\r\n\r\n`);
    return true;
  }
}

function refuse(socket: Socket, status: number, title: string): void {
  socket.end(`HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
