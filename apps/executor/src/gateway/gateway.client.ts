import { AppError } from '@app/common';
import { Injectable } from '@nestjs/common';
import {
  type ExecutorUpdate,
  type LogLines,
  openedUpload,
  openedResult,
  type OpenedResult,
  type OpenResult,
  type OpenedUpload,
  type OpenUpload,
  type Poll,
  type PollAnswer,
  pollAnswer,
  type Registered,
  type RegisterExecutor,
  registered,
} from '@app/worker-api';
import type { z } from 'zod';
import { ExecutorConfig } from '../config.js';
import { Deadline } from './deadline.js';
import { GatewayRefused, GatewayUnavailable } from './gateway.errors.js';

const TIMEOUT_MS = 15_000;

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Longer than TIMEOUT_MS by this much. */
  readonly extraMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The worker API, as `libs/worker-api` draws it. Every call rejects with GatewayUnavailable or GatewayRefused. */
@Injectable()
export class GatewayClient {
  constructor(private readonly config: ExecutorConfig) {}

  register(body: RegisterExecutor, signal?: AbortSignal): Promise<Registered> {
    return this.json(registered, { path: 'executors', body, signal });
  }

  async update(executorId: string, body: ExecutorUpdate): Promise<void> {
    await this.send({ method: 'PUT', path: `executors/${executorId}`, body }, (response) => response.arrayBuffer());
  }

  async leave(executorId: string): Promise<void> {
    await this.send({ method: 'DELETE', path: `executors/${executorId}` }, (response) => response.arrayBuffer());
  }

  poll(executorId: string, body: Poll, signal?: AbortSignal): Promise<PollAnswer> {
    return this.json(pollAnswer, { path: `executors/${executorId}/poll`, body, extraMs: body.waitMs, signal });
  }

  async logs(taskId: string, body: LogLines): Promise<void> {
    await this.send({ path: `tasks/${taskId}/logs`, body }, (response) => response.arrayBuffer());
  }

  openUpload(taskId: string, body: OpenUpload, signal?: AbortSignal): Promise<OpenedUpload> {
    return this.json(openedUpload, { path: `tasks/${taskId}/uploads`, body, signal });
  }

  openResult(taskId: string, body: OpenResult, signal?: AbortSignal): Promise<OpenedResult> {
    return this.json(openedResult, { path: `tasks/${taskId}/result`, body, signal });
  }

  /** Hands a function's code, a zip, to `save` as it arrives. */
  async code(
    digest: string,
    save: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.send({ method: 'GET', path: `code/${digest}`, signal }, async (response, deadline) => {
      if (response.body) await save(touching(response.body, deadline));
    });
  }

  private json<Schema extends z.ZodType>(schema: Schema, call: Call): Promise<z.infer<Schema>> {
    return this.send(call, async (response) => schema.parse(await response.json()));
  }

  private async send<T>(call: Call, read: (response: Response, deadline: Deadline) => Promise<T>): Promise<T> {
    const { method = 'POST', path, body, extraMs = 0, signal } = call;
    using deadline = new Deadline(TIMEOUT_MS + extraMs, signal);
    try {
      const response = await fetch(`${this.config.gatewayUrl}/worker/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.config.token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: deadline.signal,
      });
      if (!response.ok) throw await refusal(response, path);
      return await read(response, deadline);
    } catch (error) {
      if (error instanceof AppError) throw error; // Ours, or of the one who reads.
      throw new GatewayUnavailable(`The gateway gave no answer to ${path}: ${reasonOf(error)}`, {}, { cause: error });
    }
  }
}

async function refusal(response: Response, path: string): Promise<GatewayRefused | GatewayUnavailable> {
  const { status } = response;
  const text = await response.text().catch(() => '');
  const message = `The gateway answered ${path} with ${status}: ${text.slice(0, 500)}`;
  const mayChange = status >= 500 || status === 429 || status === 408;
  return mayChange ? new GatewayUnavailable(message, { status }) : new GatewayRefused(message, status);
}

async function* touching(body: AsyncIterable<Uint8Array>, deadline: Deadline): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    deadline.touch();
    yield chunk;
  }
}

/** fetch says only "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
