// A server that a test kills: listens to its own notifications and appends each to a file.
import { appendFileSync } from 'node:fs';
import { EmbeddedS3 } from '../../../../dist/libs/object-store/src/embedded/embedded-s3.js';

const [dir, log] = process.argv.slice(2);
const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret/with+signs=' };
const server = await EmbeddedS3.start({ dir, port: 0, credentials });
process.send(server.endpoint);
await server.notifications.listen(async (notification) => {
  appendFileSync(log, `${JSON.stringify(notification)}\n`);
}, new AbortController().signal);
