import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  type Assignment,
  type Instance,
  type Resources,
  type LogLines,
  logLines,
  openUpload,
  poll,
  type RegisterExecutor,
  registerExecutor,
  executorUpdate,
  type TaskRef,
  type TaskResult,
  type UploadedOutput,
} from '@app/worker-api';
import yazl from 'yazl';

export const TOKEN = 'a token for tests only';

type Route = 'lane' | 'register' | 'poll' | 'logs' | 'uploads' | 'code' | 'store';
interface Held {
  readonly task: Assignment;
  isGiven: boolean;
  result?: TaskResult;
}

/**
 * The worker API at a port, with the promises that the engine makes: a result is taken once, a task that was
 * given and is not mentioned is given again. Beside it a store with multipart uploads. And ways to fail.
 */
export class TestGateway {
  readonly tasks = new Map<string, Held>();
  readonly taken: TaskResult[] = [];
  readonly lines: LogLines['lines'] = [];
  /** What the executor said last of its instances, and all that it ever said of them. */
  instances: Instance[] = [];
  readonly everSaid: Instance[] = [];
  spare: Resources | undefined;
  /** Polls that were held to their end, and answered with nothing. */
  waitedInVain = 0;
  readonly linesOf = new Map<string, string[]>();
  readonly progress: (number | undefined)[] = [];
  readonly objects = new Map<string, Buffer>();
  readonly codes = new Map<string, Buffer>();
  readonly requests: Route[] = [];
  readonly cancel = new Set<string>();
  executors = new Set<string>();
  /** Asks every executor to stop. */
  drains = false;
  /** What executors have said of themselves, the latest last. */
  readonly declared: Pick<RegisterExecutor, 'capacity' | 'abilities'>[] = [];
  readonly handedBack: TaskRef[] = [];
  isDown = false;
  private isClosing = false;
  partBytes = 1_000;
  /** Says to do a request's work and then break the connection instead of answering. */
  breaks: (route: Route, body: string) => boolean = () => false;
  /** A status to answer with instead of doing the work. */
  refuses: (route: Route, body: string) => number | undefined = () => undefined;
  private waiting = new Set<() => void>();
  private readonly server: Server = createServer((request, response) => void this.handle(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  give(task: Partial<Assignment> & Pick<Assignment, 'function'>, how?: 'silently'): Assignment {
    const whole: Assignment = {
      id: randomUUID(),
      attempt: 1,
      timeoutSeconds: 20,
      payload: {},
      resources: { memoryMb: 128, vcpu: 1 },
      inputs: [],
      outputs: [],
      context: { namespace: 'default' },
      ...task,
    };
    this.tasks.set(whole.id, { task: whole, isGiven: false });
    if (how !== 'silently') this.wake();
    return whole;
  }

  async addCode(files: Record<string, string>): Promise<string> {
    const zip = new yazl.ZipFile();
    for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
    zip.end();
    const bytes = await buffer(zip.outputStream as unknown as AsyncIterable<Buffer>);
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.codes.set(digest, bytes);
    return digest;
  }

  /** What a gateway does with the uploads of a result that it has taken. */
  complete(prefix: string, { parts }: UploadedOutput): Buffer {
    return Buffer.concat(
      parts.map(({ partNumber }) => this.objects.get(`${prefix}/${partNumber}`) ?? Buffer.from('?')),
    );
  }

  wake(): void {
    for (const wake of this.waiting) wake();
  }

  breakConnections(): void {
    this.server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.isClosing = true;
    this.wake();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isDown) return void request.socket.destroy();
    const body = await buffer(request).catch(() => undefined);
    if (!body) return;
    const [, , , kind = '', id = '', last = ''] = new URL(`${this.url}${request.url}`).pathname
      .replace('/store/', '/-/-/store/')
      .split('/');
    const route =
      kind === 'executors'
        ? last
          ? (last as Route)
          : 'register'
        : kind === 'tasks'
          ? (last as Route)
          : (kind as Route);
    this.requests.push(route);
    if (route !== 'store' && request.headers.authorization !== `Bearer ${TOKEN}`) return answer(response, 401);
    const refused = this.refuses(route, body.toString());
    if (refused) return answer(response, refused);
    const [status, content] = await this.work(route, { id, last, method: request.method ?? '', body, response });
    if (this.isDown || this.breaks(route, body.toString())) return void request.socket.destroy();
    answer(response, status, content);
  }

  private async work(
    route: Route,
    call: { id: string; last: string; method: string; body: Buffer; response: ServerResponse },
  ): Promise<[number, unknown?]> {
    const { id, last, body } = call;
    if (route === 'store') return this.store(`${id}/${last}`, call);
    if (call.method === 'DELETE') return this.leave(id);
    if (route === 'code') return this.codes.has(id) ? [200, this.codes.get(id)] : [404];
    if (route === 'lane') return [404];
    const json: unknown = JSON.parse(body.toString());
    if (route === 'register' && call.method === 'PUT') {
      this.declared.push(executorUpdate.parse(json));
      return [204];
    }
    if (route === 'register') return this.register(json);
    if (route === 'poll') return this.executors.has(id) ? [200, await this.poll(json)] : [404];
    if (route === 'logs') return this.log(id, logLines.parse(json));
    const { size, name } = openUpload.parse(json);
    const count = Math.max(1, Math.ceil(size / this.partBytes));
    return [
      200,
      {
        partBytes: this.partBytes,
        urls: Array.from({ length: count }, (_, index) => `${this.url}/store/${id}-${name}/${index + 1}`),
      },
    ];
  }

  private log(id: string, { lines }: LogLines): [number] {
    this.lines.push(...lines);
    this.linesOf.set(id, [...(this.linesOf.get(id) ?? []), ...lines.map(({ line }) => line)]);
    return [204];
  }

  private leave(id: string): [number] {
    this.executors.delete(id);
    return [204];
  }

  private register(json: unknown): [number, unknown] {
    this.declared.push(registerExecutor.parse(json));
    const executorId = randomUUID();
    this.executors.add(executorId);
    return [201, { executorId, leaseSeconds: 30, heartbeatSeconds: 0.5 }];
  }

  private async poll(json: unknown) {
    const { results, running, free, places = [], waitMs, instances, spare, handedBack = [] } = poll.parse(json);
    this.handedBack.push(...handedBack);
    this.instances = instances ?? this.instances;
    this.spare = spare ?? free;
    this.everSaid.push(...(instances ?? []));
    const refused = results.filter((result) => !this.accept(result)).map(({ id, attempt }) => ({ id, attempt }));
    this.progress.push(...running.map(({ progress }) => progress?.percent));
    const mentioned = new Set([...running, ...results].map(({ id }) => id));
    for (const [id, held] of this.tasks) if (held.isGiven && !held.result && !mentioned.has(id)) held.isGiven = false;
    const end = Date.now() + waitMs;
    for (;;) {
      const cancel = running.filter(({ id }) => this.cancel.has(id));
      const due = [...this.tasks.values()].filter(({ isGiven, result }) => !isGiven && !result);
      const placed = places.flatMap(({ versionId, free: count }) =>
        due.filter(({ task }) => task.function.versionId === versionId).slice(0, count),
      );
      const waiting = [...placed, ...due.filter((held) => !placed.includes(held)).slice(0, free.slots)];
      for (const held of waiting) held.isGiven = true;
      const isSilent = cancel.length + waiting.length + results.length === 0;
      if (isSilent && waitMs > 0 && Date.now() >= end) this.waitedInVain++;
      if (!isSilent || this.drains || this.isClosing || Date.now() >= end)
        return { tasks: waiting.map(({ task }) => task), cancel, refused, drain: this.drains };
      await this.woken(end - Date.now());
    }
  }

  private accept(result: TaskResult): boolean {
    const held = this.tasks.get(result.id);
    if (!held || held.task.attempt !== result.attempt) return false;
    if (!held.result) this.taken.push(result);
    held.result ??= result;
    return true;
  }

  private woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private store(
    key: string,
    { method, body, response }: { method: string; body: Buffer; response: ServerResponse },
  ): [number, unknown?] {
    if (method === 'GET') return this.objects.has(key) ? [200, this.objects.get(key)] : [404];
    this.objects.set(key, body);
    response.setHeader('etag', `"${createHash('md5').update(body).digest('hex')}"`);
    return [200];
  }
}

function answer(response: ServerResponse, status: number, content?: unknown): void {
  response.statusCode = status;
  if (content instanceof Buffer) response.end(content);
  else response.end(content === undefined ? undefined : JSON.stringify(content));
}
