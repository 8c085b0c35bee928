import { readText, readXml } from '../body/read-xml.js';
import { emptyReply, xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { parseXml } from '../http/xml.js';
import type { Operation } from './operation.js';

const OWNER = { ID: 'spool', DisplayName: 'spool' };
const MAX_CONFIGURATION_BYTES = 64 * 1024;

export const listBuckets: Operation = ({ buckets }) =>
  xmlReply('ListAllMyBucketsResult', {
    Owner: OWNER,
    Buckets: { Bucket: buckets.list().map(({ name, settings }) => ({ Name: name, CreationDate: settings.createdAt })) },
  });

export const createBucket: Operation = async ({ buckets }, request) => {
  const configuration = await readText(request.body, MAX_CONFIGURATION_BYTES);
  if (configuration.trim() !== '') parseXml(configuration, 'CreateBucketConfiguration');
  await buckets.create(request.bucket);
  return emptyReply(200, { location: `/${request.bucket}` });
};

export const headBucket: Operation = ({ buckets }, request) => {
  buckets.get(request.bucket);
  return emptyReply(200);
};

/** Uploads in parts that nobody completed go with it. */
export const deleteBucket: Operation = async ({ buckets, uploads }, request) => {
  await buckets.delete(request.bucket);
  await uploads.abortAll(request.bucket);
  return emptyReply(204);
};

export const getLocation: Operation = ({ buckets }, request) => {
  buckets.get(request.bucket);
  return xmlReply('LocationConstraint', '');
};

export const getVersioning: Operation = ({ buckets }, request) => {
  buckets.get(request.bucket);
  return xmlReply('VersioningConfiguration', '');
};

/** Refused rather than accepted and not done: whoever enables versioning counts on getting old versions back. */
export const putVersioning: Operation = async ({ buckets }, request) => {
  buckets.get(request.bucket);
  const status = (await readXml(request, 'VersioningConfiguration')).text('Status');
  if (status === 'Suspended') return emptyReply(200);
  throw new S3Error('NotImplemented', 'Old versions of objects are not kept.');
};
