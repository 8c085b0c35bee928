import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Publishes by `kcat`, a client that is not ours: each message as `KEY TAB VALUE`, all with the headers. */
export async function kcat(
  broker: string,
  topic: string,
  messages: readonly (readonly [key: string, value: string])[],
  { headers = {}, settings = [] }: { headers?: Record<string, string>; settings?: readonly string[] } = {},
): Promise<void> {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const options = settings.flatMap((setting) => ['-X', setting]);
  const args = ['-P', '-b', broker, '-t', topic, '-K', '\t', '-D', '\n', ...given, ...options];
  const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  child.stdin.end(messages.map((pair) => pair.join('\t')).join('\n'));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${said}`);
}
