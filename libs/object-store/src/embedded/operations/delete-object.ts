import { emptyReply } from '../http/reply.js';
import { checkVersionId } from './find-version.js';
import type { Operation } from './operation.js';
import { writePrecondition } from './preconditions.js';

/** Deleting what isn't there is success, and so is deleting a version that was replaced. */
export const deleteObject: Operation = async ({ buckets, changes }, request) => {
  const bucket = buckets.get(request.bucket);
  const precondition = writePrecondition(request.headers);
  const versionId = request.query.get('versionId');
  try {
    await changes.remove(bucket, request.key, (current) => {
      checkVersionId(versionId, current);
      precondition(current);
    });
  } catch (error) {
    if ((error as Error).name !== 'NoSuchVersion') throw error;
  }
  return emptyReply(204);
};
