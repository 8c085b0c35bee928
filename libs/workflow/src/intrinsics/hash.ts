import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { member } from '../json.js';
import { fail } from './arguments.js';

const ALGORITHMS = { MD5: md5, 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 };

export function hash(text: string, name: string): string {
  const algorithm = member<(data: Uint8Array) => Uint8Array>(ALGORITHMS, name);
  if (!algorithm) throw fail('States.Hash', `knows ${Object.keys(ALGORITHMS).join(', ')}, not '${name}'`);
  return bytesToHex(algorithm(utf8ToBytes(text)));
}
