import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { at, call, clip, ffprobe, make, probe, thumbnail, transcode } from './testing/media-test.js';

const small = ['-t', '3', '-vf', 'scale=160:120', '-c:v', 'libx264', '-preset', 'ultrafast'];
const named = expect.stringMatching(/^Media\.(InvalidInput|TruncatedInput|ResourceLimit|NoVideoStream)$/);

function written(name: string, bytes: Buffer): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

/** The clip with its header saying that it lasts so many seconds. */
function lasting(seconds: number): string {
  const bytes = readFileSync(make('-i', clip, '-t', '2', '-c', 'copy', '-f', 'mp4', at('lasting')));
  for (const [box, offset] of [
    ['mvhd', 20],
    ['mdhd', 20],
    ['tkhd', 24],
  ] as const)
    for (let place = bytes.indexOf(box); place >= 0; place = bytes.indexOf(box, place + 4)) {
      const scale = box === 'tkhd' ? 1_000 : bytes.readUInt32BE(place + 16);
      bytes.writeUInt32BE(Math.min(0xffff_fffe, seconds * scale), place + offset);
    }
  return written('lasting', bytes);
}

describe('a broken or hostile file', () => {
  it('that ends in the middle is told as such, in containers where ffmpeg is content', async () => {
    const whole = readFileSync(make('-i', clip, ...small, '-c:a', 'aac', at('whole.mkv')));
    const outcome = await transcode(written('half.mkv', whole.subarray(0, whole.length / 2)));
    expect(outcome).toMatchObject({ error: 'Media.TruncatedInput' });
  });

  it('with damage in the middle ends in a named error, or in a film that lacks two frames at most', async () => {
    const bytes = readFileSync(make('-i', clip, ...small, '-an', '-f', 'mp4', at('sound')));
    const film = bytes.indexOf('mdat') + 8;
    for (let index = 0; index < 300; index++) bytes[film + ((index * 97) % 20_000)]! ^= 0xff;
    const outcome = await transcode(written('flipped', bytes));
    if (outcome.error) expect(outcome.error).toEqual(named);
    else expect(Number(ffprobe(at('made'), 'stream=nb_read_frames')['nb_read_frames'])).toBeGreaterThanOrEqual(28);
  });

  it('whose sound says that it is 4 GB long is read as far as it goes', async () => {
    const bytes = readFileSync(make('-f', 'lavfi', '-i', 'sine=d=1', '-f', 'wav', at('tone')));
    bytes.writeUInt32LE(0xffff_ffff, 4);
    bytes.writeUInt32LE(0xffff_fff0, bytes.indexOf('data') + 4);
    const wav = written('lying', bytes);
    const { result, error } = await call<{ integratedLufs: number }>('measure-loudness', wav);
    if (error) expect(error).toEqual(named);
    else expect(result?.integratedLufs).toBeLessThan(0);
  });

  it('that says it lasts for a month is refused, or read as far as it goes', async () => {
    const outcome = await transcode(lasting(2_678_400));
    expect(outcome.error ?? 'Media.ResourceLimit').toEqual(named);
    expect(outcome).not.toHaveProperty('result');
  });

  it('that has another size in the middle can become a film of one size', async () => {
    const parts = [160, 320].map((width) =>
      make(
        '-f',
        'lavfi',
        '-i',
        `testsrc=s=${width}x120:r=10:d=1`,
        '-pix_fmt',
        'yuv420p',
        '-f',
        'mpegts',
        at(`${width}.ts`),
      ),
    );
    const joined = written('sizes.ts', Buffer.concat(parts.map((part) => readFileSync(part))));
    // Where two streams were joined packets are missing, as far as their numbers tell.
    const outcome = await transcode(joined, { onDamage: 'tolerate' });
    expect(outcome).toMatchObject({ result: { video: [{ width: 160, height: 120 }] } });
  });

  it('with a picture of 65,000 by 65,000 in its header is refused before memory is taken for it', async () => {
    const gif = Buffer.from('GIF89a\u0000\u0000\u0000\u0000\u0080\u0000\u0000', 'latin1');
    gif.writeUInt16LE(65_000, 6);
    gif.writeUInt16LE(65_000, 8);
    const frame = Buffer.from([
      0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 0xe8, 0xfd, 0xe8, 0xfd, 0, 2, 2, 0x44, 1, 0, 0x3b,
    ]);
    expect((await thumbnail(written('huge', Buffer.concat([gif, frame])))).error).toEqual(named);
  });

  it.each(['jpg', 'png'])('that is a %s, whatever it is called, is a picture and no film', async (format) => {
    const picture = make(
      '-i',
      clip,
      '-frames:v',
      '1',
      '-f',
      'image2',
      '-c:v',
      format === 'jpg' ? 'mjpeg' : 'png',
      at('film.mp4'),
    );
    expect(await probe(picture)).toMatchObject({ result: { kind: 'image', hasVideo: false } });
    expect(await transcode(picture)).toMatchObject({ error: 'Media.NoVideoStream' });
  });

  it('of a kind that is called otherwise is known by what it is', async () => {
    const mkv = make('-i', clip, ...small, '-an', '-f', 'matroska', at('called.wav'));
    expect(await probe(mkv)).toMatchObject({ result: { kind: 'video', format: 'mkv' } });
  });

  it('never has another file of the machine in its error or result', async () => {
    writeFileSync(at('secret'), 'TOP-SECRET-WORDS');
    const lists = [
      `#EXTM3U\n#EXTINF:1,\nfile://${at('secret')}\n`,
      `ffconcat version 1.0\nfile 'file:${at('secret')}'\n`,
      `#EXTM3U\n#EXT-X-MAP:URI="concat:${at('secret')}|${at('secret')}"\n#EXTINF:1,\nsubfile,,start,0,end,9,,:${at('secret')}\n`,
    ];
    for (const list of lists) {
      writeFileSync(at('list'), list);
      for (const outcome of [await probe(at('list')), await transcode(at('list')), await thumbnail(at('list'))]) {
        expect(outcome).toMatchObject({ error: 'Media.InvalidInput' });
        expect(JSON.stringify(outcome)).not.toContain('TOP-SECRET');
      }
    }
  });
});

describe('a film with', () => {
  it('several sound tracks has the one that is asked for, and one that it does not have is told by name', async () => {
    const two = [
      '-f',
      'lavfi',
      '-i',
      'sine=440:d=2',
      '-f',
      'lavfi',
      '-i',
      'sine=880:d=2',
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-map',
      '2:a',
    ];
    const film = make('-i', clip, ...two, ...small, '-t', '2', '-ac:a:1', '2', '-c:a', 'aac', at('tracks.mkv'));
    const second = await transcode(film, { audio: { track: 1 } });
    expect(second).toMatchObject({ result: { audio: [{ channels: 2 }] } });
    expect(await transcode(film, { audio: { track: 2 } })).toMatchObject({ error: 'Media.NoAudioStream' });
  });

  it('odd sides and a varying rate keeps its frames and gets even sides', async () => {
    const odd = make(
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=161x121:r=25:d=2',
      '-vf',
      "select='mod(n,7)*mod(n,3)'",
      '-vsync',
      'vfr',
      '-c:v',
      'ffv1',
      at('odd.mkv'),
    );
    const frames = ffprobe(odd, 'stream=nb_read_frames')['nb_read_frames'];
    const { result } = await transcode(odd);
    expect(result).toMatchObject({ video: [{ width: 160, height: 120 }] });
    expect(ffprobe(at('made'), 'stream=nb_read_frames')['nb_read_frames']).toBe(frames);
  });
});
