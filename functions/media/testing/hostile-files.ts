import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { at, make, text } from './media-test.js';

/** Words that stand in files of the machine that no input names rightly: they may be in no result, error or output. */
export const canary = 'TOP-SECRET-WORDS';

const bytesTo = (name: string, bytes: Buffer) => (writeFileSync(at(name), bytes), at(name));
/** ffmpeg with options that have no spaces. */
const ff = (options: string, name: string) => make(...options.split(' '), at(name));
const playlist = (name: string, ...lines: string[]) =>
  text(name, '#EXTM3U', '#EXT-X-TARGETDURATION:9', ...lines, '#EXT-X-ENDLIST', '');

/** A film and a text that belong to somebody else, on this machine. */
const secrets = (film: string) => ({
  ts: ff(`-i ${film} -c copy -sn -metadata service_name=${canary}`, 'secret.ts'),
  words: text('secret', canary.repeat(20)),
});

/** Refused wherever they come in. */
export const refusedFiles = (film: string, url: string) => ({ ...leadingElsewhere(film, url), ...noMedia(film) });

function leadingElsewhere(film: string, url: string): Record<string, string> {
  const { ts, words } = secrets(film);
  const sdp =
    'v=0 o=-_0_0_IN_IP4_127.0.0.1 s=x c=IN_IP4_127.0.0.1 t=0_0 m=video_5004_RTP/AVP_96 a=rtpmap:96_H264/90000';
  return {
    'a playlist that names a film of the machine': playlist('p1', '#EXTINF:4,', ts),
    'a playlist that names an address': playlist('p2', '#EXTINF:4,', `${url}film.ts`),
    'a playlist whose key and map are elsewhere': playlist(
      'p3',
      `#EXT-X-KEY:METHOD=AES-128,URI="${url}key"`,
      `#EXT-X-MAP:URI="subfile,,start,0,end,99,,:${words}"`,
      '#EXTINF:4,',
      `concat:${words}|${ts}`,
    ),
    'a list of files here, beside it and of an address': text(
      'list',
      'ffconcat version 1.0',
      `file 'file:${ts}'`,
      "file 'secret.ts'",
      `file '${url}film.ts'`,
    ),
    'a DASH manifest': text(
      'mpd',
      '<?xml version="1.0"?>',
      '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S"><Period>',
      `<AdaptationSet mimeType="video/mp4"><Representation id="a" bandwidth="1"><BaseURL>${url}a.mp4</BaseURL>`,
      '</Representation></AdaptationSet></Period></MPD>',
    ),
    'the description of a session': text('sdp', ...sdp.split(' ').map((line) => line.replaceAll('_', ' ')), ''),
    'an SVG that takes in other files': text(
      'svg',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">',
      `<image href="file://${words}"/><image href="${url}p.png"/></svg>`,
    ),
  };
}

function noMedia(film: string): Record<string, string> {
  const whole = readFileSync(ff(`-i ${film} -c copy`, 'index-last.mp4'));
  const random = Array.from({ length: 4_000 }, (_, index) => (index * index * 31 + index * 7) & 255);
  return {
    'an empty file': bytesTo('empty', Buffer.alloc(0)),
    'bytes that mean nothing': bytesTo('random', Buffer.from(random)),
    'a film without its index': bytesTo('no-index', whole.subarray(0, whole.indexOf('moov') - 4)),
    'an index that says it unpacks to a gigabyte': bytesTo('cmov', packedIndex()),
    'a picture of 225 megapixels': ff(
      '-f lavfi -i color=c=black:s=15000x15000 -frames:v 1 -pix_fmt monob -c:v png',
      'bomb.png',
    ),
    'a GIF of 65,000 by 65,000': bytesTo('huge', hugeGif()),
    'seventy sound tracks': ff(`-t 1 -i ${film} ${'-map 0:a '.repeat(70)}-c copy`, 'many.mkv'),
  };
}

function box(name: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** QuickTime's compressed index (moov, cmov): its length when unpacked is what the file says. */
function packedIndex(): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(1_000_000_000);
  const data = box('cmvd', length, deflateSync(Buffer.alloc(20_000_000)));
  const index = box('moov', box('cmov', box('dcom', Buffer.from('zlib')), data));
  return Buffer.concat([box('ftyp', Buffer.from('qt  \0\0\0\0qt  ')), index, box('mdat', Buffer.alloc(64))]);
}

function hugeGif(): Buffer {
  const head = Buffer.from('GIF89a\0\0\0\0\x80\0\0', 'latin1');
  head.writeUInt16LE(65_000, 6);
  head.writeUInt16LE(65_000, 8);
  const frame = [0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 0xe8, 0xfd, 0xe8, 0xfd, 0, 2, 2, 0x44, 1, 0, 0x3b];
  return Buffer.concat([head, Buffer.from(frame)]);
}

export const inTheMiddle = 'a film with damage in the middle';

/** Each function ends with a named error, or with an output that is whole. */
export const strangeFiles = (film: string) => ({ ...broken(film), ...odd(film) });

const most = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * 0.6));

function broken(film: string): Record<string, string> {
  const mkv = readFileSync(ff(`-i ${film} -c copy -c:s srt`, 'whole.mkv'));
  const ts = readFileSync(ff(`-i ${film} -c copy -sn -f mpegts`, 'whole.ts'));
  const wide = readFileSync(ff(`-i ${film} -vf scale=96:48 -c:v libx264 -sn -f mpegts`, 'wide.ts'));
  const half = Math.floor(ts.length / 188 / 2);
  const gaps = Buffer.concat([ts.subarray(0, half * 188), ts.subarray((half + 9) * 188)]);
  return {
    'a film that ends in the middle': bytesTo('half.mp4', most(readFileSync(film))),
    'a Matroska file that ends in the middle': bytesTo('half.mkv', most(mkv)),
    [inTheMiddle]: flipped(film),
    'a transport stream that lacks packets': bytesTo('gaps.ts', gaps),
    'a sound that says it is 4 GB long': lyingWav(),
    'a film that says it lasts for a month': lasting(film, 2_678_400),
    'a film of two sizes': bytesTo('sizes.ts', Buffer.concat([ts, wide])),
    'a film whose samples are said to be elsewhere': elsewhere(film, at('secret')),
  };
}

/** Some bytes of pictures and sound turned over. */
function flipped(film: string): string {
  const bytes = readFileSync(film);
  const from = bytes.indexOf('mdat') + 904;
  for (let place = from; place < Math.min(bytes.length, from + 6_000); place += 97) bytes[place]! ^= 0xff;
  return bytesTo('flipped', bytes);
}

function lyingWav(): string {
  const bytes = readFileSync(ff('-f lavfi -i sine=d=4:r=8000 -f wav', 'tone'));
  bytes.writeUInt32LE(0xffff_ffff, 4);
  bytes.writeUInt32LE(0xffff_fff0, bytes.indexOf('data') + 4);
  return bytesTo('lying', bytes);
}

function lasting(film: string, seconds: number): string {
  const bytes = readFileSync(ff(`-i ${film} -c copy -sn -f mp4`, 'lasting'));
  const offsets = { mvhd: 20, mdhd: 20, tkhd: 24 };
  for (const [name, offset] of Object.entries(offsets))
    for (let place = bytes.indexOf(name); place >= 0; place = bytes.indexOf(name, place + 4)) {
      const scale = name === 'tkhd' ? 1_000 : bytes.readUInt32BE(place + 16);
      bytes.writeUInt32BE(Math.min(0xffff_fffe, seconds * scale), place + offset);
    }
  return bytesTo('lasting', bytes);
}

/** The flag 1 of an entry of `dref` says that the samples are in the file itself; without it the entry has a name. */
function elsewhere(film: string, path: string): string {
  const bytes = readFileSync(ff(`-i ${film} -c copy -sn -f mov`, 'drefs'));
  for (let place = bytes.indexOf('url '); place >= 0; place = bytes.indexOf('url ', place + 4)) bytes[place + 7] = 0;
  return bytesTo('elsewhere', Buffer.concat([bytes, Buffer.from(`file://${path}\0`)]));
}

/** Legal, but not what one thinks of. */
function odd(film: string): Record<string, string> {
  const font = text('font.ttf', readFileSync(at('secret'), 'utf8'));
  const attached = `-attach ${font} -metadata:s:t mimetype=font/ttf -metadata:s:t filename=../../font.ttf`;
  const title = `title=${'é'.repeat(50_000)}`;
  const cover = `-i ${at('picture.png')} -map 0:a -map 1:v -c:v copy -c:a libmp3lame -disposition:v attached_pic`;
  const gap = '-vf setpts=N*100000/TB -vsync passthrough -c:v mjpeg';
  return {
    'two pictures in 100,000 seconds': ff(`-f lavfi -i testsrc=s=64x64:r=1:d=2 ${gap}`, 'gap.mkv'),
    'a picture': ff(`-i ${film} -frames:v 1 -f image2 -c:v mjpeg`, 'film.jpg'),
    'a WebP that moves': ff(`-t 1 -i ${film} -loop 0`, 'moving.webp'),
    'a song with a cover': ff(`-i ${film} ${cover}`, 'song.mp3'),
    'a file that carries another, with a title of 100 KB': ff(
      `-i ${film} -map 0 -c copy -c:s srt ${attached} -metadata ${title}`,
      'carries.mkv',
    ),
    'sound alone': ff(`-i ${film} -vn -sn -c:a flac`, 'alone.flac'),
    'subtitles alone': text(
      'alone.ass',
      '[Script Info]',
      '[Events]',
      'Format: Start, End, Text',
      `Dialogue: 0:00:00.00,0:00:01.00,{\\fnfile://${at('secret')}}',movie=${at('secret')}[a]`,
      '',
    ),
  };
}
