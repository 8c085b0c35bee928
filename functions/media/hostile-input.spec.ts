import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { at, call, clip, make, refused, run, text, toFile, toFolder, transcode } from './testing/media-test.js';

describe('hostile input', () => {
  it('refuses a playlist named .mp4 that leads to another file', async () => {
    make('-i', clip, '-t', '1', '-c', 'copy', at('secret.ts'));
    await refused(
      text('playlist.mp4', '#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXTINF:1,', at('secret.ts'), '#EXT-X-ENDLIST'),
    );
  });

  it('refuses a list of files to join', async () => {
    await refused(text('list.mp4', 'ffconcat version 1.0', "file 'secret.ts'"));
  });

  it('refuses a DASH manifest and a description of a session', async () => {
    await refused(
      text(
        'manifest.mp4',
        '<?xml version="1.0"?>',
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>http://127.0.0.1:9/</BaseURL></Period></MPD>',
      ),
    );
    await refused(
      text(
        'session.mp4',
        'v=0',
        'o=- 0 0 IN IP4 127.0.0.1',
        's=x',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        'm=video 5004 RTP/AVP 96',
        'a=rtpmap:96 H264/90000',
      ),
    );
  });

  it('refuses SVG', async () => {
    await refused(
      text(
        'picture.svg',
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
      ),
    );
  });

  it('refuses a picture of 225 megapixels in a small file', async () => {
    const bomb = make(
      '-f',
      'lavfi',
      '-i',
      'color=c=black:s=15000x15000',
      '-frames:v',
      '1',
      '-pix_fmt',
      'monob',
      '-c:v',
      'png',
      at('bomb.png'),
    );
    expect(statSync(bomb).size).toBeLessThan(200_000);
    await refused(bomb, 'Media.ResourceLimit');
  }, 60_000);

  it('refuses a file that shows two pictures in 100,000 seconds', async () => {
    const gap = make(
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=64x64:r=1:d=2',
      '-vf',
      'setpts=N*100000/TB',
      '-vsync',
      'passthrough',
      '-c:v',
      'mjpeg',
      at('gap.mkv'),
    );
    expect(await transcode(gap)).toMatchObject({ error: 'Media.ResourceLimit' });
  });

  it('refuses more than 64 streams', async () => {
    const maps = Array.from({ length: 70 }, () => ['-map', '0:a']).flat();
    await refused(make('-t', '1', '-i', clip, ...maps, '-c', 'copy', at('many.mkv')), 'Media.ResourceLimit');
  });

  it.each([
    ['an empty file', ''],
    ['text', 'This is not a film.\n'.repeat(100)],
  ])('refuses %s', async (_what, content) => {
    await refused(text('nothing.mp4', content));
  });

  it('refuses a film without its index', async () => {
    const whole = readFileSync(make('-i', clip, '-c', 'copy', at('last.mp4')));
    writeFileSync(at('no-index.mp4'), whole.subarray(0, whole.length - 20_000));
    await refused(at('no-index.mp4'));
  });
});

const playlist = () =>
  text('evil', '#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXTINF:1,', '/etc/passwd', '#EXT-X-ENDLIST');
const list = () => text('evil-list', 'ffconcat version 1.0', `file '${clip}'`);

describe('hostile input to functions that read more than one file', () => {
  const invalid = { error: 'Media.InvalidInput' };

  it('refuses a playlist or a list as a part, a chunk, a rendition or a reference', async () => {
    const object = { bucket: 'media-in', key: 'x' };
    for (const path of [playlist(), list()]) {
      const two = `${clip},${path}`;
      const made = { video: at('made') };
      const sources = { sources: [object, object], destination: toFile };
      expect(await run('concat', sources, { sources: two, ...made })).toMatchObject(invalid);
      const chunks = [200, 1].map((frames) => ({ ...object, frames, durationSeconds: 1 }));
      expect(await run('merge-chunks', { chunks, destination: toFile }, { chunks: two, ...made })).toMatchObject(
        invalid,
      );
      const renditions = [{ ...object, name: 'a' }];
      const files = { renditions: `${path},`, stream: at('folder') };
      expect(await run('package', { renditions, destination: toFolder }, files)).toMatchObject(invalid);
      const event = { reference: 's3://media-in/x' };
      expect(await call('quality', clip, event, { reference: path })).toMatchObject(invalid);
    }
  });

  it('takes nothing of subtitles into a filter: what looks like one is text', async () => {
    const film = make('-f', 'lavfi', '-i', 'color=black:s=64x48:r=5:d=1', '-pix_fmt', 'yuv420p', at('black.mp4'));
    const evil = text(
      'evil.srt',
      '1',
      '00:00:00,000 --> 00:00:01,000',
      "',movie=/etc/passwd[a];[a]{\\p1}m 0 0{\\p0}",
      '',
    );
    const event = { subtitles: 's3://media-in/s', destination: toFile };
    const { result } = await call('burn-subtitles', film, event, { subtitles: evil, video: at('made') });
    expect(result).toMatchObject({ cues: 1, video: [{ frames: 5 }] });
  });

  it('refuses more sprites or points than anybody wants', async () => {
    const long = make('-f', 'lavfi', '-i', 'color=black:s=16x16:r=1:d=1500', '-c:v', 'mjpeg', at('long.mkv'));
    const sprites = { destination: toFolder, intervalSeconds: 1 };
    expect(await call('sprites', long, sprites, { sprites: at('folder') })).toMatchObject({
      error: 'Media.ResourceLimit',
    });
    expect(
      await call('preview', long, { destination: toFile, durationSeconds: 60 }, { preview: at('made') }),
    ).toMatchObject({
      error: 'Media.InvalidParameters',
    });
  });

  it.each(['detect-silence', 'measure-loudness', 'plan', 'checksum'])(
    'ends media.%s on an empty file, text or half a film with a name',
    async (name) => {
      const event = name === 'checksum' ? { content: true } : {};
      for (const path of [text('empty', ''), text('words', 'hello '.repeat(50))])
        expect(await call(name, path, event)).toMatchObject(invalid);
    },
  );
});
