import { describe, expect, it } from '@jest/globals';
import { type Frame, FrameBroken, FrameReader, FrameWriter } from './frames.js';

/** The bytes that a writer puts out for these. */
async function written(...frames: readonly [number, number, string, Buffer?][]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = { destroyed: false, cork() {}, uncork() {}, write: (bytes: Buffer) => chunks.push(bytes) > 0 };
  const writer = new FrameWriter(sink);
  for (const frame of frames) writer.send(...frame);
  await new Promise((resolve) => setImmediate(resolve));
  return Buffer.concat(chunks);
}

function read(bytes: Buffer, step: number): Frame[] {
  const found: Frame[] = [];
  const reader = new FrameReader(1_000_000, (frame) => found.push({ ...frame, body: Buffer.from(frame.body) }));
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return found;
}

describe('frames', () => {
  it('come out as they went in, however the bytes are cut on their way', async () => {
    const large = Buffer.alloc(40_000, 'x');
    const bytes = await written([1, 7, '{"a":"ü"}', Buffer.from('body')], [2, 0, ''], [3, 9, '{}', large]);
    for (const step of [1, 3, 13, 1_000, bytes.length]) {
      expect(read(bytes, step)).toEqual([
        { type: 1, call: 7, head: '{"a":"ü"}', body: Buffer.from('body') },
        { type: 2, call: 0, head: '', body: Buffer.alloc(0) },
        { type: 3, call: 9, head: '{}', body: large },
      ]);
    }
  });

  it('that are too large, or cannot be, are refused before they are held', async () => {
    const bytes = await written([1, 1, '', Buffer.alloc(2_000)]);
    expect(() => new FrameReader(1_000, () => {}).push(bytes)).toThrow(FrameBroken);
    expect(() => new FrameReader(1_000, () => {}).push(Buffer.from([0, 0, 0, 2, 0, 0]))).toThrow(FrameBroken);
    const lying = await written([1, 1, 'ab']);
    lying.writeUInt32BE(3_000, 9);
    expect(() => new FrameReader(1_000, () => {}).push(lying)).toThrow(FrameBroken);
  });
});
