import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { expect, it, jest } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';

it('ends at once although a client holds a connection open on which it has asked nothing, and another a long wait', async () => {
  const gateway = await startTestGateway();
  const server = gateway.app.getHttpServer() as Server;
  const cutAll = jest.spyOn(server, 'closeAllConnections');
  const opened = once(server, 'connection');
  const silent = connect({ host: '127.0.0.1', port: Number(new URL(gateway.url).port) });
  const silenced = once(silent, 'close');
  await opened;
  await gateway.call('POST', '/v1/workflows', {
    name: 'waits',
    definition: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 600, End: true } } },
  });
  const { body } = await gateway.call('POST', '/v1/workflows/waits/executions', {});
  const stream = await gateway.fetch(`/v1/executions/${body.id}/events`, {
    headers: { authorization: `Bearer ${gateway.key}` },
  });
  await gateway.close();
  await silenced;
  await stream.text();
  expect(cutAll).not.toHaveBeenCalled();
});
