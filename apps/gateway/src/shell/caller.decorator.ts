import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { KeyMissing } from './access.errors.js';

/** The namespace of the caller's key: all that a request may see. Throws where no key was asked for. */
export const Namespace = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new KeyMissing();
  return caller.namespace;
});
