import { describe, expect, it } from '@jest/globals';
import { InvalidRequest } from '@app/common';
import { BadGatewayException, NotFoundException } from '@nestjs/common';
import { KeyMissing } from './access.errors.js';
import { problemOf } from './problem.filter.js';

describe('problemOf', () => {
  it('gives our own errors their code, status and details', () => {
    const issues = [{ pointer: '/a', message: 'is required' }];
    expect(problemOf(new InvalidRequest(issues))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: issues,
    });
    expect(problemOf(new KeyMissing())).toMatchObject({
      status: 401,
      code: 'api_key_missing',
      type: 'urn:spool:error:api_key_missing',
    });
  });

  it('gives errors of the framework a code', () => {
    expect(problemOf(new NotFoundException('Cannot GET /x'))).toMatchObject({ status: 404, code: 'route_not_found' });
  });

  it.each([
    ['53100', 'could not extend file', 'no space left'],
    ['57P01', 'terminating connection due to administrator command', 'restarting'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', 'cannot be reached'],
    [undefined, 'Connection terminated unexpectedly', 'cut the connection'],
  ])('says of a database that fails by %s that the request may be repeated', (code, message, told) => {
    const problem = problemOf(Object.assign(new Error(message), { code }));
    expect(problem).toMatchObject({ status: 503, code: 'database_unavailable', detail: expect.stringContaining(told) });
    expect(problem.detail).not.toContain(message);
    expect(problemOf(Object.assign(new Error('x'), { code: '23505' })).status).toBe(500);
  });

  it('tells nothing of what it does not know', () => {
    for (const error of [new Error('password=x'), new BadGatewayException('secret'), 'text', undefined]) {
      const problem = problemOf(error);
      expect(problem).toMatchObject({ status: 500, code: 'internal' });
      expect(JSON.stringify(problem)).not.toMatch(/password|secret|text/);
    }
  });
});
