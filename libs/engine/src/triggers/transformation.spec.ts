import { describe, expect, it } from '@jest/globals';
import { objectEvent } from '@app/events';
import type { Json } from '@app/workflow';
import { templateProblems, transformed } from './transformation.js';

const event = objectEvent({
  eventName: 'ObjectCreated:Put',
  bucket: 'videos',
  key: 'in/a film.mp4',
  etag: 'abc',
  size: 5,
  eventTime: '2026-01-01T00:00:00Z',
})! as unknown as Json;

const nameOf = (etag: string): string => {
  const executionName = `{% $pad('a', 100, 'a') & '${etag}' %}`;
  return transformed({ queryLanguage: 'JSONata', executionName }, event).executionName ?? '';
};

describe('an event', () => {
  it('becomes the input as it is, without a template', () => {
    expect(transformed({}, event)).toEqual({ input: event });
  });

  it('becomes what a JSONPath template makes of it, with a name that an execution may have', () => {
    const input = { 'from.$': '$.subject' };
    const executionName = "States.Format('film-{}-{}', $.subject, $.data.etag)";
    expect(transformed({ input: input as never, executionName }, event)).toEqual({
      input: { from: 'in/a film.mp4' },
      executionName: 'film-in-a-film.mp4-abc',
    });
  });

  it('becomes what JSONata makes of it, as $event and as the input of states', () => {
    const input = { name: "{% $substringAfter($event.data.key, 'in/') %}", half: '{% $states.input.data.size / 2 %}' };
    expect(
      transformed(
        { queryLanguage: 'JSONata', input, executionName: "{% $event.data.bucket & '/' & $event.data.etag %}" },
        event,
      ),
    ).toEqual({ input: { name: 'a film.mp4', half: 2.5 }, executionName: 'videos-abc' });
  });

  it('has names that fit and differ, however long what they are made of is', () => {
    const [one, other] = [nameOf('1'), nameOf('2')];
    expect([one.length, other.length, one === other, one === nameOf('1')]).toEqual([80, 80, false, true]);
  });

  it('makes what the guide to triggers shows', () => {
    const input = {
      title: "{% $replace($split($event.data.key, '/')[-1], /\\.mp4$/, '') %}",
      isLarge: '{% $event.data.size > 1e9 %}',
    };
    expect(transformed({ queryLanguage: 'JSONata', input }, event).input).toEqual({ title: 'a film', isLarge: false });
  });

  it('fails with the place when an expression finds nothing, and when a name is no text', () => {
    const broken = { queryLanguage: 'JSONata' as const, input: { a: ['{% $event.data.nothing %}'] } };
    expect(() => transformed(broken, event)).toThrow(
      expect.objectContaining({ cause: expect.stringContaining("'input/a[0]'") }),
    );
    expect(() => transformed({ executionName: '$.data' }, event)).toThrow(
      expect.objectContaining({ error: 'Trigger.InvalidName' }),
    );
  });
});

describe('a template', () => {
  it.each([
    [{ input: { 'a.$': '$.[' } }, '/input/a.$'],
    [{ queryLanguage: 'JSONata', input: { a: '{% $event. %}' } }, '/input/a'],
    [{ queryLanguage: 'JSONata', input: { a: '{% $evnt.data %}' } }, '/input/a'],
    [{ queryLanguage: 'JSONata', input: '{% $states.result %}' }, '/input'],
    [{ executionName: 'fixed' }, '/executionName'],
    [{ queryLanguage: 'JSONata', executionName: 'fixed' }, '/executionName'],
    [{ queryLanguage: 'JSONata', executionName: '{% ( %}' }, '/executionName'],
  ])('%j is refused at its place', (templates, pointer) => {
    expect(templateProblems(templates as never).map((problem) => problem.pointer)).toEqual([pointer]);
  });
});
