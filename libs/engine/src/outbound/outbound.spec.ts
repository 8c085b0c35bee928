import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OutboundOptions } from './outbound.options.js';
import { OutboundService } from './outbound.service.js';
import { AddressForbidden, mayReach, type Reach } from './reach.js';

let server: Server;
const got: string[] = [];
beforeAll(async () => {
  server = createServer(async (request, response) => {
    got.push(`${request.method} ${request.headers['content-type']} ${await text(request)}`);
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end();
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const at = (host: string, path = '/') => `http://${host}:${(server.address() as AddressInfo).port}${path}`;
const post = (url: string, reach: Reach) =>
  new OutboundService(new OutboundOptions({ reach })).post(url, {
    headers: { 'content-type': 'text/plain' },
    body: 'héllo',
  });

describe('an address that a user names', () => {
  it.each([
    ['93.184.216.34', true, true],
    ['2606:2800:220:1::1', true, true],
    ['10.0.0.1', true, false],
    ['192.168.1.1', true, false],
    ['172.16.0.1', true, false],
    ['100.64.0.1', true, false],
    ['127.0.0.1', true, false],
    ['::1', true, false],
    ['fd00::1', true, false],
    ['0.0.0.0', true, false],
    ['::ffff:10.0.0.1', true, false],
    ['64:ff9b::a00:1', true, false],
    ['169.254.169.254', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['fe80::1', false, false],
  ])('%s may be reached: %s; as public: %s', (address, any, isPublic) => {
    expect([mayReach(address, 'any'), mayReach(address, 'public')]).toEqual([any, isPublic]);
  });

  it('is called with what is to be told', async () => {
    expect(await post(at('localhost'), 'any')).toBe(204);
    expect(got.splice(0)).toEqual(['POST text/plain héllo']);
  });

  it('leads nowhere else', async () => {
    expect(await post(at('127.0.0.1', '/moved'), 'any')).toBe(302);
    expect(got.splice(0)).toHaveLength(1);
  });

  it.each(['127.0.0.1', 'localhost', '0x7f.1', '[::ffff:7f00:1]'])(
    'is not called as %s where only public ones may be',
    async (host) => {
      await expect(post(at(host), 'public')).rejects.toThrow(AddressForbidden);
      expect(got).toEqual([]);
    },
  );

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/'])('is never called as %s', async (url) => {
    await expect(post(url, 'any')).rejects.toThrow(AddressForbidden);
  });
});
