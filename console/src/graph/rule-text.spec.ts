import { expect, it } from '@jest/globals';
import { ruleText } from './rule-text.js';

it.each([
  [{ Variable: '$.kind', StringEquals: 'video' }, 'kind = "video"'],
  [{ Variable: '$.n', NumericLessThanEquals: 3 }, 'n ≤ 3'],
  [{ Variable: '$.a', IsPresent: false }, 'a is not present'],
  [{ Not: { Variable: '$.ok', BooleanEquals: true } }, 'not ok = true'],
  [
    {
      And: [
        { Variable: '$.a', IsNull: true },
        { Variable: '$.b', StringMatches: '*.mp4' },
      ],
    },
    'a is null and b like "*.mp4"',
  ],
  [{ Condition: '{% $n > 1 %}' }, '$n > 1'],
])('says %j as %s', (rule, text) => {
  expect(ruleText(rule)).toBe(text);
});
