import { readFile } from 'node:fs/promises';

/**
 * The size of a JPEG of our own making, or undefined of what is none, or is not whole: it must begin with SOI, end
 * with EOI, and have a frame header (ITU-T T.81, B.2.2) between.
 */
export async function readJpeg(path) {
  const bytes = await readFile(path);
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8 || bytes.readUInt16BE(bytes.length - 2) !== 0xffd9)
    return undefined;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5), size: bytes.length };
  }
  return undefined;
}

/** Without a program for it. What is no whole JPEG has no picture. */
export const ofJpeg = async (path) => factsOf('jpg', await readJpeg(path));

/** As `ofJpeg`: a PNG (ISO/IEC 15948) begins with its size, and ends with IEND. */
export async function ofPng(path) {
  const bytes = await readFile(path);
  const isWhole = bytes.length > 45 && bytes.readUInt32BE(0) === 0x89504e47 && bytes.includes('IEND', -8, 'latin1');
  return factsOf(
    'png',
    isWhole && { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), size: bytes.length },
  );
}

const factsOf = (format, picture) => ({ format, size: picture?.size, video: picture ? [picture] : [] });
