import { readText } from '../body/read-xml.js';
import { NAMESPACE, emptyReply } from '../http/reply.js';
import { parseXml } from '../http/xml.js';
import type { Operation } from './operation.js';

const MAX_BYTES = 256 * 1024;
const ROOT = 'NotificationConfiguration';

/** Kept and given back for the tools that set it. Our own listener hears of every change, configured or not. */
export const putNotificationConfiguration: Operation = async ({ buckets }, request) => {
  buckets.get(request.bucket);
  const notificationXml = await readText(request.body, MAX_BYTES);
  parseXml(notificationXml, ROOT);
  await buckets.configure(request.bucket, { notificationXml });
  return emptyReply(200);
};

export const getNotificationConfiguration: Operation = ({ buckets }, request) => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: buckets.get(request.bucket).settings.notificationXml ?? `<${ROOT} xmlns="${NAMESPACE}"/>`,
});
