import { describe, expect, it } from '@jest/globals';
import { serverSentEvents } from './sse.js';

const text =
  'id: 7\nevent: history\ndata: {"a":1}\n\n: heartbeat\n\nevent: execution\r\ndata: one\r\ndata: two\r\n\r\n';
const events = [
  { event: 'history', data: '{"a":1}', id: '7' },
  { event: 'execution', data: 'one\ntwo', id: undefined },
];

describe('serverSentEvents', () => {
  it('reads events, with every line of their data, and leaves comments out', () => {
    expect(serverSentEvents()(text)).toEqual(events);
  });

  it('reads the same wherever the text is cut', () => {
    for (let at = 1; at < text.length; at++) {
      const parse = serverSentEvents();
      expect([...parse(text.slice(0, at)), ...parse(text.slice(at))]).toEqual(events);
    }
  });

  it('holds an event back until its empty line has come', () => {
    const parse = serverSentEvents();
    expect(parse('data: half\n')).toEqual([]);
    expect(parse('\n')).toEqual([{ event: 'message', data: 'half', id: undefined }]);
  });

  it('takes one space off a value, and no more', () => {
    expect(serverSentEvents()('data:  x\n\n')).toEqual([{ event: 'message', data: ' x', id: undefined }]);
  });
});
