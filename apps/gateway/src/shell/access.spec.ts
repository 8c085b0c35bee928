import { describe, expect, it } from '@jest/globals';
import { accessTo } from './access.js';

describe('accessTo', () => {
  it.each([
    ['/', 'open'],
    ['/health/live', 'open'],
    ['/docs', 'open'],
    ['/docs/*', 'open'],
    ['/openapi.json', 'open'],
    ['/console/*', 'open'],
    ['/metrics', 'local'],
    ['/worker/v1/executors/:id/poll', 'executor'],
    ['/v1/functions', 'key'],
    ['/v1/hooks/s3', 'key'],
  ])('%s is %s', (route, access) => expect(accessTo(route)).toBe(access));

  it('needs a key for what nobody thought of, and for what only looks open', () => {
    const routes = [
      undefined,
      '',
      '*',
      '/docsx',
      '/consolex',
      '/healthx',
      '/openapi.jsonx',
      '/metrics/x',
      '/v1/docs',
      '/workers',
    ];
    expect(routes.map(accessTo)).toEqual(routes.map(() => 'key'));
  });
});
