import { text } from 'node:stream/consumers';
import type { ObjectFacts, ObjectRef, ObjectStore } from '@app/object-store';
import type { Json, JsonObject } from '@app/workflow';
import type { ObjectAction } from '../executions/object-action.js';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';
import { ActionFailed } from './action-failed.js';

const MAX_KEYS = 1_000;

/** What does not fit into a state's data need not be read. */
type Action = (store: ObjectStore, parameters: JsonObject, maxBytes: number) => Promise<JsonObject>;

/** The fields that an action takes; others are refused, as what they ask for would not be done. */
const FIELDS: Readonly<Record<ObjectAction, readonly string[]>> = {
  getObject: ['Bucket', 'Key'],
  headObject: ['Bucket', 'Key'],
  deleteObject: ['Bucket', 'Key'],
  putObject: ['Bucket', 'Key', 'Body', 'ContentType', 'Metadata'],
  copyObject: ['Bucket', 'Key', 'CopySource'],
  listObjectsV2: ['Bucket', 'Prefix', 'MaxKeys', 'StartAfter', 'ContinuationToken'],
};

/** S3's actions, with the answers that the AWS SDK integration of Step Functions gives. */
const ACTIONS: Readonly<Record<ObjectAction, Action>> = {
  getObject: async (store, parameters, maxBytes) => {
    const { body, facts } = await store.get(refOf(parameters));
    if (facts.size > maxBytes) {
      body.destroy();
      const cause = `The object is ${facts.size} bytes long; a state takes at most ${maxBytes}`;
      throw new ActionFailed('States.DataLimitExceeded', cause);
    }
    return { AcceptRanges: 'bytes', Body: await text(body), ...describe(facts) };
  },
  headObject: async (store, parameters) => ({
    AcceptRanges: 'bytes',
    ...describe(await store.head(refOf(parameters))),
  }),
  deleteObject: async (store, parameters) => {
    await store.delete(refOf(parameters));
    return {};
  },
  putObject: async (store, parameters) => {
    const { Body = '', ContentType } = parameters;
    const contentType = ContentType === undefined ? undefined : given(parameters, 'ContentType');
    const facts = await store.put(refOf(parameters), typeof Body === 'string' ? Body : JSON.stringify(Body), {
      ...(contentType !== undefined && { contentType }),
      metadata: metadataOf(parameters),
    });
    return { ETag: quoted(facts.etag), ...(facts.versionId && { VersionId: facts.versionId }) };
  },
  copyObject: async (store, parameters) => {
    const { body, facts } = await store.get(sourceOf(parameters));
    const { contentType, metadata } = facts;
    const copied = await store.put(refOf(parameters), body, { contentType, metadata });
    return { CopyObjectResult: { ETag: quoted(copied.etag), LastModified: iso(copied.lastModified) } };
  },
  listObjectsV2: list,
};

export async function perform(
  store: ObjectStore,
  action: ObjectAction,
  parameters: JsonObject,
  maxBytes: number,
): Promise<JsonObject> {
  const unknown = Object.keys(parameters).find((field) => !FIELDS[action].includes(field));
  if (unknown !== undefined) {
    const known = FIELDS[action].join(', ');
    throw new ActionFailed(
      'States.Runtime',
      `The field '${unknown}' is not supported by s3:${action}: it takes ${known}`,
    );
  }
  return ACTIONS[action](store, parameters, maxBytes);
}

async function list(store: ObjectStore, parameters: JsonObject): Promise<JsonObject> {
  const bucket = bucketOf(given(parameters, 'Bucket'));
  const { Prefix, MaxKeys = MAX_KEYS, StartAfter, ContinuationToken } = parameters;
  const after = ContinuationToken ?? StartAfter;
  if (!Number.isInteger(MaxKeys) || Number(MaxKeys) < 1) {
    throw new ActionFailed('States.Runtime', "The field 'MaxKeys' must be a positive integer");
  }
  const limit = Math.min(Number(MaxKeys), MAX_KEYS);
  const page = await store.list(bucket, {
    limit,
    ...(Prefix !== undefined && { prefix: given(parameters, 'Prefix') }),
    ...(typeof after === 'string' && { after }),
  });
  return {
    Contents: page.objects.map(({ key, size, etag, lastModified }) => ({
      ETag: quoted(etag),
      Key: key,
      LastModified: iso(lastModified),
      Size: size,
      StorageClass: 'STANDARD',
    })),
    IsTruncated: page.next !== undefined,
    KeyCount: page.objects.length,
    MaxKeys: limit,
    Name: bucket,
    ...(page.next !== undefined && { NextContinuationToken: page.next }),
    Prefix: Prefix ?? '',
  };
}

const describe = ({ size, contentType, etag, lastModified, metadata, versionId }: ObjectFacts): JsonObject => ({
  ContentLength: size,
  ContentType: contentType,
  ETag: quoted(etag),
  LastModified: iso(lastModified),
  Metadata: { ...metadata },
  ...(versionId && { VersionId: versionId }),
});

function refOf(parameters: JsonObject): ObjectRef {
  return { bucket: bucketOf(given(parameters, 'Bucket')), key: given(parameters, 'Key') };
}

/** `bucket/key`, percent-encoded as S3 takes it, with or without a slash before it. */
function sourceOf(parameters: JsonObject): ObjectRef {
  const source = given(parameters, 'CopySource').replace(/^\//, '');
  const slash = source.indexOf('/');
  if (slash < 1) throw new ActionFailed('States.Runtime', "The field 'CopySource' must be BUCKET/KEY");
  return { bucket: bucketOf(source.slice(0, slash)), key: decodeKey(source.slice(slash + 1)) };
}

function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded; // Not encoded: a key may have a percent sign.
  }
}

/** Everybody's code is in there. */
function bucketOf(bucket: string): string {
  if (bucket === SYSTEM_BUCKET) throw new ActionFailed('S3.S3Exception', `The bucket ${bucket} is not for workflows`);
  return bucket;
}

function metadataOf({ Metadata = {} }: JsonObject): Record<string, string> {
  const entries = typeof Metadata === 'object' && Metadata !== null ? Object.entries(Metadata) : [['', null] as const];
  if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    return Object.fromEntries(entries);
  throw new ActionFailed('States.Runtime', "The field 'Metadata' must be an object of texts");
}

function given(parameters: JsonObject, field: string): string {
  const value: Json | undefined = parameters[field];
  if (typeof value === 'string' && (value !== '' || field === 'Prefix')) return value;
  const what = value === undefined ? 'is required' : 'must be a text that is not empty';
  throw new ActionFailed('States.Runtime', `The field '${field}' ${what}`);
}

const quoted = (etag: string): string => `"${etag}"`;
const iso = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');
