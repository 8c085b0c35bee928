import { createServer, request as ask, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveNotUpgraded } from './not-upgraded.js';

let server: Server;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.upgrade} ${await text(request)}`);
  });
  server.on('upgrade', (request, socket, first) => serveNotUpgraded(server, request, socket, first));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const port = () => (server.address() as AddressInfo).port;

describe('a request that asks for an upgrade nobody offers', () => {
  it('is served as any, its body included, and so is what follows on the connection', async () => {
    const socket = connect(port(), '127.0.0.1');
    const got: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => got.push(chunk));
    const wants = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n';
    socket.write(`POST /a HTTP/1.1\r\nHost: x\r\n${wants}Content-Length: 5\r\n\r\nhello`);
    const seen = () => Buffer.concat(got).toString();
    while (!seen().includes('POST /a undefined hello')) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.write('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
    while (!seen().includes('GET /b undefined')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen().match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    socket.destroy();
  });

  it('can be made by a client that sends its body later', async () => {
    const answered = new Promise<string>((resolve, reject) => {
      const sent = ask({
        port: port(),
        method: 'POST',
        path: '/c',
        headers: { connection: 'Upgrade', upgrade: 'h2c' },
      });
      sent.on('response', (response) => resolve(text(response))).on('error', reject);
      sent.write('one ');
      setImmediate(() => sent.end('two'));
    });
    expect(await answered).toBe('POST /c undefined one two');
  });
});
