import { randomUUID } from 'node:crypto';
import { isNestedTooDeep, isStorable } from '@app/common';
import { type Json, webhookEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { EventStart } from '../events/event.repository.js';
import { EventsService } from '../events/events.service.js';
import type { WebhookTrigger } from '../triggers/trigger.js';
import { TriggersService } from '../triggers/triggers.service.js';
import { verifySignature } from './webhook-signature.js';
import { SignatureRefused, WebhookNotFound } from './webhooks.errors.js';

export interface WebhookRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly apiKey: string | undefined;
}

export interface WebhookTaken {
  readonly trigger: WebhookTrigger;
  /** None if the trigger's pattern does not match, or if its target could not be started. */
  readonly started: EventStart | undefined;
  readonly eventId: string;
}

/** Requests from outside that start something. When `receive` resolves, the request is stored with what it starts. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly triggers: TriggersService,
    private readonly events: EventsService,
    private readonly keys: ApiKeysService,
  ) {}

  async receive(namespace: string, request: WebhookRequest): Promise<WebhookTaken> {
    const trigger = await this.triggers.findWebhook(namespace, request.path);
    const isAwaited = trigger?.enabled && (trigger.source.methods as string[]).includes(request.method);
    if (!trigger || !isAwaited) throw new WebhookNotFound(request.path);
    const id = await this.identify(trigger, request);
    const { method, path, query, headers, body } = request;
    const time = new Date().toISOString();
    const event = webhookEvent(trigger.name, {
      id,
      time,
      method,
      path,
      query: { ...query },
      headers: { ...headers },
      ...contentOf(body),
    });
    const { started } = await this.events.ingestFor(trigger, event);
    return { trigger, started: started[0] ?? (await this.events.findStart(trigger, event)), eventId: id };
  }

  /** Lets nobody in who may not, and gives what tells a request from its repetition. */
  private async identify(trigger: WebhookTrigger, request: WebhookRequest): Promise<string> {
    const { signature } = trigger.source;
    const idempotencyKey = request.headers['idempotency-key']?.slice(0, 512);
    if (signature.kind === 'none') return idempotencyKey ?? randomUUID();
    if (signature.kind === 'key') {
      const caller = request.apiKey ? await this.keys.authenticate(request.apiKey) : undefined;
      if (caller?.namespace !== trigger.namespace) throw new SignatureRefused('An API key of the namespace is needed');
      return idempotencyKey ?? randomUUID();
    }
    const verified = verifySignature(signature, request, Date.now());
    if ('refusal' in verified) throw new SignatureRefused(verified.refusal);
    // Headers are not signed, so nothing of them may make a repetition look new.
    return verified.digest;
  }
}

function contentOf(bytes: Buffer): { body: Json; bodyBase64?: string } {
  const text = bytes.toString('utf8');
  if (bytes.length === 0) return { body: null };
  if (Buffer.compare(Buffer.from(text), bytes) !== 0) return { body: null, bodyBase64: bytes.toString('base64') };
  try {
    const body = isNestedTooDeep(text) ? text : (JSON.parse(text) as Json);
    if (isStorable(body)) return { body };
  } catch {
    if (isStorable(text)) return { body: text };
  }
  return { body: null, bodyBase64: bytes.toString('base64') };
}
