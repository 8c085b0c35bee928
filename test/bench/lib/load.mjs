// A client that costs little beside what it measures: sockets kept open, one request at a time on each, its answer read
// by its content-length. Latencies in milliseconds, with fractions.
import { connect } from 'node:net';

/** As many connections as said, each answer a 200 that has `expects` in it, each asking again as soon as it has an answer. */
export async function load({ url, headers, body, connections, seconds, expects = '' }) {
  const { hostname, port, pathname, host } = new URL(url);
  const all = { host, ...headers, 'content-length': Buffer.byteLength(body) };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST ${pathname} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  const run = { times: [], failed: 0, until: performance.now() + seconds * 1_000 };
  const begunAt = performance.now();
  await Promise.all(Array.from({ length: connections }, () => lane({ port, hostname, request, expects }, run)));
  const perSecond = run.times.length / ((performance.now() - begunAt) / 1_000);
  return { perSecond, times: run.times, failed: run.failed };
}

function lane({ port, hostname, request, expects }, run) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: hostname, noDelay: true });
    let sentAt = 0;
    let got = Buffer.alloc(0);
    const ask = () => {
      if (performance.now() >= run.until) return void socket.end(resolve);
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('connect', ask).on('error', reject);
    socket.on('data', (chunk) => {
      got = got.length > 0 ? Buffer.concat([got, chunk]) : chunk;
      const end = got.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = got.latin1Slice(0, end);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? -1);
      if (length < 0) return reject(new Error(`an answer without content-length: ${text}`));
      if (got.length < end + 4 + length) return;
      if (!text.startsWith('HTTP/1.1 200') || !got.includes(expects)) run.failed++;
      got = Buffer.alloc(0);
      run.times.push(performance.now() - sentAt);
      ask();
    });
  });
}
