import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../support/free-ports.js';

const main = resolve(__dirname, '../../dist/apps/standalone/src/main.js');
const longestStartMs = 300_000;
const longestStopMs = 20_000;

export interface Access {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly consoleUrl: string;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

export interface Standalone {
  readonly access: Access;
  /** The body is JSON, of this type. */
  call<T>(method: string, path: string, body?: unknown, type?: string): Promise<T>;
  stop(): Promise<void>;
}

/** Spool as `npm start` runs it, on a data folder and ports of its own. */
export async function startStandalone(): Promise<Standalone> {
  const dataDir = await mkdtemp(join(tmpdir(), 'spool-browser-'));
  const [port, s3Port] = await freePorts(2);
  const env = { ...process.env, SPOOL_DATA_DIR: dataDir, SPOOL_PORT: String(port), SPOOL_S3_PORT: String(s3Port) };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  try {
    const access = await ready(child, join(dataDir, 'access.json'));
    return { access, call: (...request) => call(access, ...request), stop: () => stop(child, dataDir) };
  } catch (cause) {
    await stop(child, dataDir);
    throw new Error(`Spool did not start:\n${said.join('')}`, { cause });
  }
}

async function ready(child: ChildProcess, path: string): Promise<Access> {
  const deadline = Date.now() + longestStartMs;
  while (!existsSync(path)) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`There is no ${path} after ${longestStartMs} ms`);
    await pause(100);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Access;
}

type Request = [method: string, path: string, body?: unknown, type?: string];

async function call<T>({ apiUrl, apiKey }: Access, ...[method, path, body, type]: Request): Promise<T> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': type ?? 'application/json' };
  const answer = await fetch(apiUrl + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

async function stop(child: ChildProcess, dataDir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), longestStopMs);
    await ended;
    clearTimeout(late);
  }
  await rm(dataDir, { recursive: true, force: true });
}
