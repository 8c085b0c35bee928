import { InvalidRequest, isStorable, toPointer } from '@app/common';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UNSTORABLE_TEXT } from './body.js';

/** Refuses addresses with text that Postgres cannot hold: whatever is asked for there is not in it. */
@Injectable()
export class StorableAddressGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { params, query } = context.switchToHttp().getRequest<FastifyRequest>();
    const issues = Object.entries({ path: params, query }).flatMap(([place, values]) =>
      Object.entries((values ?? {}) as object)
        .filter(([name, value]) => !isStorable(name) || !isStorable(value))
        .map(([name]) => ({ pointer: toPointer([place, name]), message: UNSTORABLE_TEXT })),
    );
    if (issues.length > 0) throw new InvalidRequest(issues);
    return true;
  }
}
