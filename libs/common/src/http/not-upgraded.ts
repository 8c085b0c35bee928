import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const OF_THE_UPGRADE = /^(connection|upgrade|http2-settings)$/i;

/**
 * Serves a request as if it had not asked for an upgrade, which a server is free to do (RFC 9110, 7.8) and Node does
 * only as long as nobody listens for upgrades. Java's client, for one, asks for HTTP/2 with every first request.
 */
export function serveNotUpgraded(server: Server, request: IncomingMessage, socket: Duplex, first: Buffer): void {
  const { rawHeaders } = request;
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!OF_THE_UPGRADE.test(name)) lines.push(`${name}: ${value}`);
  }
  socket.removeAllListeners('error');
  if (first.length > 0) socket.unshift(first);
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  server.emit('connection', socket);
}
