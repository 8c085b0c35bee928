import { expect, it } from '@jest/globals';
import { largeValuesIn } from './large-values.js';

const large = { truncated: true, bytes: 5_000_000, href: '/v1/executions/x/history/3/output' } as const;

it('finds the values that an event of the history leaves out', () => {
  expect(largeValuesIn({ name: 'A', outputDetails: { ...large } })).toEqual([['outputDetails', large]]);
});

it('takes no other detail for one', () => {
  expect(largeValuesIn({ input: { truncated: true }, output: [large as never], length: 3, cause: null })).toEqual([]);
});
