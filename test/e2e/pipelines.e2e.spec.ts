import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Standalone } from '../support/standalone.js';

const PATIENCE_MS = 180_000;
let spool: Standalone;
let clip: Buffer;

interface Execution {
  id: string;
  status: string;
  error?: string;
  cause?: string;
  output: { results: Record<string, never> };
}

interface DeadLetter {
  kind: string;
  cause: string;
  payload: { executionId?: string };
}

/** Three seconds of a moving picture with a tone. */
function makeClip(ffmpeg: string, path: string): Buffer {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10:d=3'];
  const tone = ['-f', 'lavfi', '-i', "aevalsrc='0.2*sin(2*PI*440*t)*(1+0.5*sin(2*PI*3*t))':s=48000:d=3"];
  const encode = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-f', 'mp4'];
  const { status, stderr } = spawnSync(ffmpeg, ['-v', 'error', '-y', ...picture, ...tone, ...encode, path], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(path);
}

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { apiUrl, apiKey } = spool.access;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const answer = await fetch(new URL(path, apiUrl), {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function run(workflow: string, key: string, more: object = {}): Promise<Execution> {
  const definition: unknown = JSON.parse(readFileSync(`workflows/${workflow}.json`, 'utf8'));
  await api('PUT', `/v1/workflows/${workflow}`, { definition });
  const input = { source: { bucket: 'media-in', key }, bucket: 'media-out', ...more };
  const { id } = await api<Execution>('POST', `/v1/workflows/${workflow}/executions`, { input });
  return ended(id);
}

async function ended(id: string): Promise<Execution> {
  for (;;) {
    const execution = await api<Execution>('GET', `/v1/executions/${id}`);
    if (execution.status !== 'RUNNING') return execution;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  spool = await Standalone.start();
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/ffmpeg.mjs', '--json'], {
    env: { ...process.env, SPOOL_DATA_DIR: spool.dataDir },
    encoding: 'utf8',
  });
  if (!stdout) throw new Error(stderr);
  clip = makeClip((JSON.parse(stdout) as { ffmpeg: string }).ffmpeg, join(spool.dataDir, 'clip.mp4'));
  for (const name of ['media-in', 'media-out']) await api('POST', '/v1/buckets', { name });
  await spool.s3().send(new PutObjectCommand({ Bucket: 'media-in', Key: 'clip.mp4', Body: clip }));
  const broken = Buffer.from(clip);
  broken.fill(0xff, Math.floor(broken.length * 0.4), Math.floor(broken.length * 0.5));
  await spool.s3().send(new PutObjectCommand({ Bucket: 'media-in', Key: 'broken.mp4', Body: broken }));
}, PATIENCE_MS);
afterAll(() => spool.remove());

it(
  'streams, masters, previews and judges a film',
  async () => {
    const names = ['adaptive-streaming', 'podcast-master', 'proxy-and-preview', 'archive-check'];
    const [stream, podcast, proxy, archive] = await Promise.all(names.map((name) => run(name, 'clip.mp4')));
    expect(stream).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        results: { stream: { hls: 'master.m3u8', streams: [{ name: '240p' }, { name: '144p' }, { name: 'audio' }] } },
      },
    });
    expect(podcast).toMatchObject({
      status: 'SUCCEEDED',
      output: { results: { mp3: { format: 'mp3' } }, gate: { passed: true } },
    });
    expect(proxy).toMatchObject({
      status: 'SUCCEEDED',
      output: { results: { preview: { format: 'webp' }, sprites: { tiles: 3 } } },
    });
    expect(archive).toMatchObject({
      status: 'SUCCEEDED',
      output: { results: { sums: { size: clip.length }, gate: { passed: true } } },
    });
  },
  PATIENCE_MS,
);

it(
  'fails the archive check of a damaged film, with the evidence',
  async () => {
    const { status, error, cause } = await run('archive-check', 'broken.mp4');
    expect({ status, error }).toEqual({ status: 'FAILED', error: expect.stringMatching(/^Media\./) });
    const failed = JSON.parse(cause ?? '[]').filter(({ passed }: { passed: boolean }) => !passed);
    expect(failed).toMatchObject([{ rule: 'decodes', wanted: true, actual: expect.stringMatching(/error/i) }]);
  },
  PATIENCE_MS,
);

interface Invocation {
  function: string;
  stateName: string;
  cachedFrom?: { invocation: string; execution: string };
}
const invocationsOf = async ({ id }: Execution) =>
  (await api<{ items: Invocation[] }>('GET', `/v1/invocations?execution=${id}&limit=200`)).items;

it(
  'does no work for a film that was streamed before, and says whose it is',
  async () => {
    const first = await run('adaptive-streaming', 'clip.mp4');
    const second = await run('adaptive-streaming', 'clip.mp4');
    expect(second).toMatchObject({ status: 'SUCCEEDED', output: { results: first.output.results } });
    const invocations = await invocationsOf(second);
    expect(invocations.length).toBeGreaterThan(10);
    expect(invocations.filter(({ cachedFrom }) => !cachedFrom)).toEqual([]);
    const started = await api<{ items: { type: string; details: Invocation }[] }>(
      'GET',
      `/v1/executions/${second.id}/history?limit=500`,
    );
    const { cachedFrom } = started.items.find(({ type }) => type === 'TaskStarted')?.details ?? {};
    expect(cachedFrom).toMatchObject({ invocation: expect.any(String), execution: expect.any(String) });
    const figures = await api<{ items: { function: string; hits: number }[] }>('GET', '/v1/result-cache');
    expect(figures.items).toContainEqual(expect.objectContaining({ function: 'media.encode-chunk' }));
    expect(await (await fetch(new URL('/metrics', spool.access.apiUrl))).text()).toMatch(
      /spool_result_cache_lookups_total\{result="hit"\} [1-9]/,
    );
  },
  PATIENCE_MS,
);

it(
  'encodes one rendition of a ladder when one has changed',
  async () => {
    const key = "States.Format('ladder/{}.mp4', $.height)";
    const Encode = {
      Type: 'Task',
      Resource: 'function:media.transcode',
      Parameters: {
        source: { bucket: 'media-in', key: 'clip.mp4' },
        destination: { bucket: 'media-out', 'key.$': key },
        video: { 'height.$': '$.height', preset: 'ultrafast' },
      },
      End: true,
    };
    const Ladder = { Type: 'Map', ItemProcessor: { StartAt: 'Encode', States: { Encode } }, End: true };
    await api('PUT', '/v1/workflows/ladder', { definition: { StartAt: 'Ladder', States: { Ladder } } });
    const encoded = async (heights: number[]) => {
      const input = heights.map((height) => ({ height }));
      const { id } = await api<Execution>('POST', '/v1/workflows/ladder/executions', { input });
      const execution = await ended(id);
      expect(execution.status).toBe('SUCCEEDED');
      return (await invocationsOf(execution)).filter(({ cachedFrom }) => !cachedFrom).length;
    };
    expect(await encoded([64, 96, 128])).toBe(3);
    expect(await encoded([64, 96, 128])).toBe(0);
    expect(await encoded([64, 112, 128])).toBe(1);
  },
  PATIENCE_MS,
);

it(
  'encodes otherwise what is not like enough to its source, and lays what never is with the dead letters, with the evidence',
  async () => {
    const low = join(spool.dataDir, 'low.mp4');
    const { status: made } = spawnSync('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-i',
      join(spool.dataDir, 'clip.mp4'),
      '-vf',
      'scale=192:144',
      '-crf',
      '10',
      '-an',
      low,
    ]);
    expect(made).toBe(0);
    await spool.s3().send(new PutObjectCommand({ Bucket: 'media-in', Key: 'low.mp4', Body: readFileSync(low) }));
    const hopeless = await run('adaptive-streaming', 'low.mp4', { minSsim: 1 });
    expect(hopeless).toMatchObject({ status: 'FAILED', error: 'Media.GateFailed' });
    const { items } = await api<{ items: DeadLetter[] }>('GET', '/v1/dead-letters');
    const letter = items.find(({ payload }) => payload.executionId === hopeless.id);
    expect(letter).toMatchObject({
      kind: 'execution',
      error: 'Media.GateFailed',
      payload: { source: { key: 'low.mp4' }, workflow: 'adaptive-streaming' },
    });
    const likeness = /"rule":"minSsim","wanted":1,"actual":([\d.]+)/;
    const second = Number(likeness.exec((letter?.cause ?? '').replaceAll('\\', ''))?.[1]);
    const history = JSON.stringify(await api('GET', `/v1/executions/${hopeless.id}/history?limit=500`)).replaceAll(
      '\\',
      '',
    );
    const first = Number(likeness.exec(history)?.[1]);
    expect(first).toBeLessThan(second);
    const better = await run('adaptive-streaming', 'low.mp4', { minSsim: (first + second) / 2 });
    expect(better).toMatchObject({ status: 'SUCCEEDED', output: { results: { stream: { hls: 'master.m3u8' } } } });
    const states = (await invocationsOf(better)).map(({ stateName }) => stateName);
    expect(states).toEqual(
      expect.arrayContaining(['Is it like the source?', 'Encode it whole', 'Is it like the source now?']),
    );
  },
  PATIENCE_MS,
);
