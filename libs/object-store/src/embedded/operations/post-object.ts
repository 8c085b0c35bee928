import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Authority } from '../auth/authenticate.js';
import { type PostPolicy, checkPostPolicy } from '../auth/post-policy.js';
import { type FormUpload, readForm } from '../body/form-data.js';
import { IncomingBody } from '../body/incoming-body.js';
import { type Reply, emptyReply, quoted, xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { type Target, checkKey } from '../http/s3-request.js';
import type { Storage } from '../storage/storage.js';
import { asHeader, attributesFrom } from './attributes.js';
import { versionHeaders } from './object-headers.js';
import { receive } from './receive.js';

export const isFormUpload = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' && /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');

interface FormRequest {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: AsyncIterable<Buffer>;
}

/** A browser's form. It isn't signed by headers: the policy inside it is. */
export async function postObject(
  storage: Storage,
  authority: Authority,
  target: Target,
  { headers, bytes }: FormRequest,
): Promise<Reply> {
  const form = await readForm(bytes, headers['content-type'] ?? '');
  const key = (form.fields.get('key') ?? '').replaceAll('${filename}', form.fileName);
  if (key === '') throw new S3Error('InvalidArgument', 'The form has no key.');
  checkKey(key);
  const fields = new Map([...form.fields, ['key', key]]);
  const policy = checkPostPolicy(fields, target.bucket, authority);
  const bucket = storage.buckets.get(target.bucket);
  const attributes = attributesFrom(new Map([...fields].map(([name, value]) => [name, asHeader(value)])));
  const stored = await receive(storage, new IncomingBody(withinPolicy(form, policy), {}));
  const version = await storage.changes.put(
    bucket,
    { key, ...attributes, ...stored },
    { eventName: 'ObjectCreated:Post' },
  );
  const reply = answer(fields, target.bucket, key, version.etag);
  return { ...reply, headers: { ...reply.headers, ...versionHeaders(version) } };
}

async function* withinPolicy({ file }: FormUpload, { minBytes, maxBytes }: PostPolicy): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of file) {
    size += chunk.length;
    if (size > maxBytes) throw new S3Error('EntityTooLarge');
    yield chunk;
  }
  if (size < minBytes) throw new S3Error('EntityTooSmall');
}

/** `success_action_redirect` or `success_action_status` 200, 201 or (if none) 204, as the form says. */
function answer(fields: ReadonlyMap<string, string>, bucket: string, key: string, etag: string): Reply {
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (redirect && URL.canParse(redirect) && /^https?:/i.test(redirect)) {
    const location = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag: quoted(etag) }))
      location.searchParams.set(name, value);
    return emptyReply(303, { location: location.href });
  }
  const status = fields.get('success_action_status');
  if (status === '201') {
    return xmlReply(
      'PostResponse',
      { Bucket: bucket, Key: key, ETag: quoted(etag), Location: `/${bucket}/${encodeURI(key)}` },
      201,
    );
  }
  return emptyReply(status === '200' ? 200 : 204);
}
