import { describe, expect, it } from '@jest/globals';
import { at, call, clip, make } from './testing/media-test.js';

const lavfi = (graph: string, name: string, ...more: string[]) => make('-f', 'lavfi', '-i', graph, ...more, at(name));
const span = (from: number, to: number) => ({
  startSeconds: expect.closeTo(from, 1),
  endSeconds: expect.closeTo(to, 1),
});

describe('media.detect-silence', () => {
  const tone = '0.5*sin(2*PI*440*t)*(1-between(t,3,5))*(1-between(t,8,8.4))';

  it('finds the silences that were put there, and no shorter ones than asked for', async () => {
    const path = lavfi(`aevalsrc='${tone}':s=48000:d=10`, 'tone.wav');
    const short = await call('detect-silence', path, { minSeconds: 0.3 });
    expect(short.result).toMatchObject({ silences: [span(3, 5), span(8, 8.4)], silentSeconds: 2.4, isSilent: false });
    expect((await call('detect-silence', path, { minSeconds: 1 })).result).toMatchObject({ silences: [span(3, 5)] });
  });

  it('lets a silence at the end last to the end', async () => {
    const path = lavfi("aevalsrc='0.5*sin(2*PI*440*t)*lt(t,1)':s=8000:d=3", 'fading.wav');
    expect((await call('detect-silence', path)).result).toMatchObject({ silences: [span(1, 3)] });
  });

  it('says of a film without sound that it has none', async () => {
    const mute = make('-i', clip, '-t', '1', '-an', '-c', 'copy', at('mute.mp4'));
    expect(await call('detect-silence', mute)).toMatchObject({ error: 'Media.NoAudioStream' });
  });
});

describe('media.detect-black and media.detect-freeze', () => {
  it('find where a film is black and stands still, at its end too', async () => {
    const graph = 'testsrc2=s=64x48:r=10:d=2[a];color=black:s=64x48:r=10:d=2[b];[a][b]concat';
    const path = lavfi(graph, 'black.mp4', '-pix_fmt', 'yuv420p');
    expect((await call('detect-black', path)).result).toMatchObject({ black: [span(2, 4)], isBlack: false });
    expect((await call('detect-freeze', path)).result).toMatchObject({ freezes: [span(2, 4)] });
    expect((await call('detect-black', clip)).result).toMatchObject({ black: [], blackSeconds: 0 });
  });

  it('know a film that is black all over', async () => {
    const path = lavfi('color=black:s=64x48:r=10:d=2', 'night.mp4');
    expect((await call('detect-black', path)).result).toMatchObject({ isBlack: true });
  });
});

describe('media.detect-scenes', () => {
  it('finds the cuts', async () => {
    const graph =
      'color=red:s=64x48:r=10:d=3[a];color=blue:s=64x48:r=10:d=4[b];testsrc=s=64x48:r=10:d=2[c];[a][b][c]concat=n=3';
    const { result } = await call('detect-scenes', lavfi(graph, 'cuts.mp4', '-pix_fmt', 'yuv420p'));
    expect(result).toMatchObject({ cuts: 2, scenes: [span(0, 3), span(3, 7), span(7, 9)] });
  });
});

describe('media.detect-crop', () => {
  it('measures the bars', async () => {
    const path = lavfi('testsrc=s=160x80:r=5:d=2,pad=160:120:0:20', 'bars.mp4', '-pix_fmt', 'yuv420p');
    expect((await call('detect-crop', path)).result).toMatchObject({
      width: 160,
      height: 80,
      x: 0,
      y: 20,
      hasBars: true,
    });
    expect((await call('detect-crop', clip)).result).toMatchObject({ width: 768, height: 576, hasBars: false });
  });
});
