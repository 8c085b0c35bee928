// Started by src/runtimes/inner-loopback.ts in the network of a sandbox, but not in the sandbox: opens a socket there,
// hands it to the executor and ends. The socket stays where it was opened.
import { createServer } from 'node:net';

const server = createServer({ pauseOnConnect: true });
server.on('error', (error) => {
  process.send({ error: error.message }, () => process.exit(1));
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  process.send({}, server, () => process.exit(0));
});
