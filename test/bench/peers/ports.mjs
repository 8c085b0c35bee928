import { createServer } from 'node:net';

/** Ports that nobody has at the moment. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => listening(createServer())));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

const listening = (server) => new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
