import { MediaError } from './errors.mjs';

const hex = (byte) => byte.toString(16).padStart(2, '0');

/** Where the content of the box `name` begins: found by its four letters, for the init segment is our own muxer's. */
function contentOf(init, name) {
  const at = init.indexOf(name, 0, 'latin1');
  if (at < 0) throw new MediaError('Media.Failed', `the init segment has no ${name}`);
  return init.subarray(at + 4);
}

/** ISO/IEC 14496-15 E.3: profile, compatibility bits in reverse, tier and level, constraints without zeros at the end. */
function hevc(box) {
  const profile = box[1];
  let compatible = 0;
  for (let bit = 0; bit < 32; bit += 1) if ((box.readUInt32BE(2) >>> bit) & 1) compatible |= 1 << (31 - bit);
  const constraints = [...box.subarray(6, 12)].map((byte) => byte.toString(16).toUpperCase());
  while (constraints.length > 0 && constraints.at(-1) === '0') constraints.pop();
  const tier = profile & 0x20 ? 'H' : 'L';
  return [`hvc1.${profile & 0x1f}`, (compatible >>> 0).toString(16), `${tier}${box[12]}`, ...constraints].join('.');
}

/** The name of a codec for HLS and DASH (RFC 6381), read from the init segment. */
export function codecName({ codec, profile }, init) {
  if (codec === 'h264') return `avc1.${[...contentOf(init, 'avcC').subarray(1, 4)].map(hex).join('')}`;
  if (codec === 'hevc') return hevc(contentOf(init, 'hvcC'));
  if (codec === 'aac') return profile === 'HE-AAC' ? 'mp4a.40.5' : 'mp4a.40.2';
  if (codec === 'opus') return 'opus';
  throw new MediaError('Media.Unsupported', `${codec} cannot be packaged: h264, hevc, aac and opus can`);
}
