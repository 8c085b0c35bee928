import { describe, expect, it } from '@jest/globals';
import { AslFailure } from './failure.js';
import type { Json } from './model.js';
import { evaluatePayloadTemplate } from './payload-template.js';

const event = { source: '/objects/uploads', data: { bucket: 'uploads', key: 'a/clip.mp4' } };

const failureOf = (evaluate: () => unknown): unknown => {
  try {
    return evaluate();
  } catch (error) {
    return error instanceof AslFailure ? error.toFailure() : error;
  }
};

describe('evaluatePayloadTemplate', () => {
  it('makes a workflow input of an event', () => {
    const template = {
      media: { 'bucket.$': '$.data.bucket', 'key.$': '$.data.key' },
      profile: 'web',
      list: [{ 'k.$': '$.source' }],
    };
    expect(evaluatePayloadTemplate(template, event)).toEqual({
      media: { bucket: 'uploads', key: 'a/clip.mp4' },
      profile: 'web',
      list: [{ k: '/objects/uploads' }],
    });
  });

  it('calls intrinsic functions', () => {
    const template = { 'file.$': "States.ArrayGetItem(States.StringSplit($.data.key, '/'), 1)" };
    expect(evaluatePayloadTemplate(template, event)).toEqual({ file: 'clip.mp4' });
  });

  it('fails naming the path that finds nothing', () => {
    expect(failureOf(() => evaluatePayloadTemplate({ 'a.$': '$.nope' }, event))).toEqual({
      error: 'States.Runtime',
      cause: `The JSONPath '$.nope' specified for the field 'a.$' could not be found in the input '${JSON.stringify(event)}'`,
    });
  });

  it('has randomness only when it is given some', () => {
    const template = { 'id.$': 'States.UUID()' };
    expect(failureOf(() => evaluatePayloadTemplate(template, {}))).toMatchObject({ error: 'States.IntrinsicFailure' });
    expect(evaluatePayloadTemplate(template, {}, {}, { random: () => 0, uuid: () => 'u' })).toEqual({ id: 'u' });
  });

  it('fails when its value is too large', () => {
    const template = { 'a.$': '$', 'b.$': '$' };
    expect(failureOf(() => evaluatePayloadTemplate(template, 'x'.repeat(200_000)))).toMatchObject({
      error: 'States.DataLimitExceeded',
    });
  });

  it.each([
    'States.JsonToString(States.Array($, $))',
    "States.Format('{}', States.Array($, $))",
    'States.ArrayUnique(States.Array($, $))',
  ])('fails when a function makes much out of little: %s', (call) => {
    const evaluate = () => evaluatePayloadTemplate({ 'a.$': call }, 'x'.repeat(34_000_000));
    expect(failureOf(evaluate)).toMatchObject({ error: 'States.IntrinsicFailure' });
  });

  it('fails, and does not crash, on a template that is too deep', () => {
    let template: Json = {};
    for (let level = 0; level < 50_000; level++) template = { a: template };
    expect(failureOf(() => evaluatePayloadTemplate(template, {}))).toMatchObject({ error: 'States.Runtime' });
  });
});
