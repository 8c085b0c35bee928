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

  it('tells nothing of what it does not know', () => {
    for (const error of [new Error('password=x'), new BadGatewayException('secret'), 'text', undefined]) {
      const problem = problemOf(error);
      expect(problem).toMatchObject({ status: 500, code: 'internal' });
      expect(JSON.stringify(problem)).not.toMatch(/password|secret|text/);
    }
  });
});
