import { Logger } from '@nestjs/common';
import { readXml } from '../body/read-xml.js';
import { xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { checkKey } from '../http/s3-request.js';
import type { XmlNode, XmlValue } from '../http/xml.js';
import type { Bucket } from '../storage/bucket.js';
import type { Storage } from '../storage/storage.js';
import { checkVersionId } from './find-version.js';
import type { Operation } from './operation.js';

const MAX_KEYS = 1000;
const AT_A_TIME = 16;

type Outcome = { readonly Deleted: XmlValue } | { readonly Error: XmlValue };

export const deleteObjects: Operation = async (storage, request) => {
  const bucket = storage.buckets.get(request.bucket);
  const document = await readXml(request, 'Delete');
  const objects = document.children('Object');
  if (objects.length === 0 || objects.length > MAX_KEYS) {
    throw new S3Error('MalformedXML', `<Delete> takes 1 to ${MAX_KEYS} objects.`);
  }
  const outcomes: Outcome[] = [];
  for (let at = 0; at < objects.length; at += AT_A_TIME) {
    outcomes.push(
      ...(await Promise.all(objects.slice(at, at + AT_A_TIME).map((one) => deleteOne(storage, bucket, one)))),
    );
  }
  const isQuiet = document.text('Quiet') === 'true';
  return xmlReply('DeleteResult', {
    Deleted: isQuiet ? undefined : outcomes.flatMap((outcome) => ('Deleted' in outcome ? [outcome.Deleted] : [])),
    Error: outcomes.flatMap((outcome) => ('Error' in outcome ? [outcome.Error] : [])),
  });
};

async function deleteOne({ changes }: Storage, bucket: Bucket, object: XmlNode): Promise<Outcome> {
  const key = object.requireText('Key');
  const versionId = object.text('VersionId') || undefined;
  try {
    checkKey(key);
    await changes.remove(bucket, key, (current) => current && checkVersionId(versionId, current));
    return { Deleted: { Key: key, VersionId: versionId } };
  } catch (error) {
    if (error instanceof S3Error) return { Error: { Key: key, Code: error.code, Message: error.message } };
    new Logger('EmbeddedS3').error(error);
    return { Error: { Key: key, Code: 'InternalError', Message: 'We encountered an internal error.' } };
  }
}
