import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { DrainingService } from './draining.service.js';

const draining = new DrainingService({} as HttpAdapterHost<FastifyAdapter>);
const signalOf = (raw: ServerResponse) => draining.signalOf({ raw } as FastifyReply);

/** An answer that a caller waits for, and what makes the caller go away. */
async function asked() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const caller = get({ port: (server.address() as AddressInfo).port, agent: false }).on('error', () => {});
  const [, raw] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { raw, goAway: () => (caller.destroy(), server.close()) };
}

describe('what waits for a caller', () => {
  it('hears that the caller goes away', async () => {
    const { raw, goAway } = await asked();
    const signal = signalOf(raw);
    expect(signal.aborted).toBe(false);
    const aborted = once(signal, 'abort');
    goAway();
    await aborted;
  });

  it('does not begin to wait for one that went away before', async () => {
    const { raw, goAway } = await asked();
    const closed = once(raw, 'close');
    goAway();
    await closed;
    expect(signalOf(raw).aborted).toBe(true);
  });
});
