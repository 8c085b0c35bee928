import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveConsole } from './console/serve-console.js';
import { serveDocument } from './openapi/serve-document.js';
import type { GatewaySettings } from './settings.js';
import { BODY_LIMIT, readJsonBodies } from './shell/body.js';
import { answerUnrouted } from './shell/unrouted.js';
import { requestId, returnRequestIds } from './shell/request-id.js';
import { sendSecurityHeaders } from './shell/security-headers.js';

/** A path segment may be an object's key or an event's source, encoded. */
const MAX_PARAM_LENGTH = 3_072;

/** To send a request in, the largest over a slow line: without it one byte a minute would hold a connection for ever. */
const REQUEST_TIMEOUT_MS = 300_000;

/** An HTTP application around a module that imports GatewayModule; it does not listen yet. */
export async function createGateway(
  root: DynamicModule | Type,
  settings: GatewaySettings,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    genReqId: requestId,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: answerUnrouted(settings.s3.publicEndpoint),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // An idle connection would hold the end of the process up.
    forceCloseConnections: 'idle',
  });
  const fastify = adapter.getInstance();
  returnRequestIds(fastify);
  sendSecurityHeaders(fastify, settings.s3.publicEndpoint);
  readJsonBodies(fastify);
  await serveConsole(fastify, settings.consoleDir);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  serveDocument(app);
  return app;
}
