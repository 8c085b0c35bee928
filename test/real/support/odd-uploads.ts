import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ForeignStore } from '../../support/cluster.js';
import { aws, minioClient } from './uploaders.js';

const MIB = 1 << 20;
const FILES = [...Array.from({ length: 8 }, (_, n) => `take ${n}.mov`), 'deep/er/ü+ä & (1).mp4', 'large.mkv'];
const KEYS = ['a b+c.mp4', '🎬/ñ%20=&?.mov', 'plain', "quote's.mkv"];

/** A folder by `aws`, one file of it in parts, and streams under odd keys by the client of MinIO. Their keys. */
export async function uploadOddly(store: ForeignStore, bucket: string): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'spool-uploads-'));
  try {
    for (const file of FILES) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), file === 'large.mkv' ? Buffer.alloc(20 * MIB, 'x') : file);
    }
    await aws(store, 's3', 'cp', '--recursive', '--only-show-errors', dir, `s3://${bucket}/aws/`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const client = minioClient(store);
  for (const key of KEYS) await client.putObject(bucket, `minio/${key}`, Buffer.from(key));
  return [...FILES.map((file) => `aws/${file}`), ...KEYS.map((key) => `minio/${key}`)];
}
