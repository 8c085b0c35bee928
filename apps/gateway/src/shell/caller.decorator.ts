import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KeyMissing } from './access.errors.js';

/** The namespace of the caller's key: all that a request may see. Throws where no key was asked for. */
export const Namespace = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  namespaceOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** A call whose answer may take long, or is more than a body. */
export interface HeldCall {
  readonly reply: FastifyReply;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export const Held = createParamDecorator((_data: unknown, context: ExecutionContext): HeldCall => held(context));

/** As `Held`, with the namespace. */
export const NamespaceAndHeld = createParamDecorator(
  (_data: unknown, context: ExecutionContext): HeldCall & { readonly namespace: string } => ({
    ...held(context),
    namespace: namespaceOf(context.switchToHttp().getRequest<FastifyRequest>()),
  }),
);

function held(context: ExecutionContext): HeldCall {
  const http = context.switchToHttp();
  const reply = http.getResponse<FastifyReply>();
  const { draining } = http.getRequest<FastifyRequest>();
  return { reply, signal: draining?.signalOf(reply) ?? new AbortController().signal };
}

function namespaceOf({ caller }: FastifyRequest): string {
  if (!caller) throw new KeyMissing();
  return caller.namespace;
}
