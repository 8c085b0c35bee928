// Spool as a process of its own on a fresh data folder, and words to speak to it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';

export const root = resolve(import.meta.dirname, '../../..');
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export function freshDataDir() {
  return mkdtempSync(join(tmpdir(), 'spool-bench-'));
}

/** Resolves when it is ready; `readyMs` counts from the spawn of the process. */
export async function startSpool(dataDir, env = {}) {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/apps/standalone/src/main.js')], {
    env: { ...process.env, SPOOL_DATA_DIR: dataDir, SPOOL_PORT: '0', SPOOL_S3_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const path = join(dataDir, 'access.json');
  const access = () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined);
  while (access()?.pid !== child.pid) {
    if (child.exitCode !== null) throw new Error(`Spool ended with ${child.exitCode}`);
    await sleep(2);
  }
  const { apiUrl, apiKey, s3 } = access();
  const readyMs = performance.now() - started;
  const { executorToken } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
  const api = caller(apiUrl, apiKey);
  return {
    readyMs,
    pid: child.pid,
    url: apiUrl,
    key: apiKey,
    api,
    s3: s3Client(s3),
    worker: caller(apiUrl, executorToken),
    executorToken,
    stop: () => end(child),
  };
}

/**
 * Executors as processes of their own, with one slot and one core each, instead of the one that Spool brings. Gives back
 * what ends them.
 */
export async function startExecutors({ api, url, executorToken }, dataDir, names) {
  const isThere = async (wanted) => {
    const { items } = await api('GET', '/v1/executors');
    return wanted.every((name) => items.some((one) => one.name === name && one.free));
  };
  while (!(await isThere(['standalone']))) await sleep(100);
  for (const { id } of (await api('GET', '/v1/executors')).items) await api('POST', `/v1/executors/${id}/drain`);
  const children = names.map((name) =>
    spawn(process.execPath, [join(root, 'dist/apps/executor/src/main.js')], {
      env: {
        ...process.env,
        SPOOL_GATEWAY_URL: url,
        SPOOL_EXECUTOR_TOKEN: executorToken,
        SPOOL_EXECUTOR_NAME: name,
        SPOOL_EXECUTOR_SLOTS: '1',
        SPOOL_EXECUTOR_VCPU: '1',
        SPOOL_WORK_DIR: join(dataDir, name),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  while (!(await isThere(names))) {
    if (children.some(({ exitCode }) => exitCode !== null)) throw new Error('An executor ended');
    await sleep(100);
  }
  return () => Promise.all(children.map(end));
}

export function remove(dataDir) {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

/** Kept connections, and no more between us and the socket than there must be: what is measured is the server. */
const agent = new Agent({ keepAlive: true });

const caller = (url, key) => async (method, path, body) => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  const { status, answer } = await exchange(url + path, { method, headers, agent }, text);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${answer}`);
  return answer ? JSON.parse(answer) : undefined;
};

function exchange(url, options, body) {
  return new Promise((settle, reject) => {
    const asked = request(url, options, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (answer += chunk));
      response.once('end', () => settle({ status: response.statusCode, answer }));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

const s3Client = ({ endpoint, region, accessKeyId, secretAccessKey }) =>
  new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });

async function end(child) {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}
