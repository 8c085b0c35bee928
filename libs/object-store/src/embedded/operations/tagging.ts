import { readXml } from '../body/read-xml.js';
import { emptyReply, xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { findVersion } from './find-version.js';
import type { Operation } from './operation.js';
import { checkTags } from './tags.js';

export const getTagging: Operation = (storage, request) => {
  const { tags } = findVersion(storage, request);
  return xmlReply('Tagging', { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } });
};

export const putTagging: Operation = async ({ buckets, changes }, request) => {
  const document = await readXml(request, 'Tagging');
  const set = document.child('TagSet');
  if (!set) throw new S3Error('MalformedXML', '<TagSet> is missing.');
  const tags = checkTags(set.children('Tag').map((tag) => [tag.requireText('Key'), tag.text('Value') ?? '']));
  if (!(await changes.retag(buckets.get(request.bucket), request.key, tags))) throw new S3Error('NoSuchKey');
  return emptyReply(200);
};

export const deleteTagging: Operation = async ({ buckets, changes }, request) => {
  if (!(await changes.retag(buckets.get(request.bucket), request.key, {}))) throw new S3Error('NoSuchKey');
  return emptyReply(204);
};
