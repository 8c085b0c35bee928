import type { IncomingHttpHeaders } from 'node:http';
import { unquoted } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import type { Precondition } from '../storage/object-changes.js';
import type { ObjectVersion } from '../storage/object-version.js';

export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

export const conditionsOf = (headers: IncomingHttpHeaders): Conditions => ({
  ifMatch: headers['if-match'],
  ifNoneMatch: headers['if-none-match'],
  ifModifiedSince: headers['if-modified-since'],
  ifUnmodifiedSince: headers['if-unmodified-since'],
});

/** Those of the source of a copy; here a condition that would give 304 is a failure too. */
export const copySourceConditionsOf = (headers: IncomingHttpHeaders): Conditions => {
  const text = (name: string) => headers[`x-amz-copy-source-${name}`] as string | undefined;
  return {
    ifMatch: text('if-match'),
    ifNoneMatch: text('if-none-match'),
    ifModifiedSince: text('if-modified-since'),
    ifUnmodifiedSince: text('if-unmodified-since'),
  };
};

/** In the order of RFC 9110 section 13.2.2. */
export function readOutcome(version: ObjectVersion, conditions: Conditions): 'read' | 'unchanged' | 'failed' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version)) return 'failed';
  } else if (ifUnmodifiedSince !== undefined && secondsOf(version) > dateOf(ifUnmodifiedSince)) return 'failed';
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, version) ? 'unchanged' : 'read';
  return ifModifiedSince !== undefined && secondsOf(version) <= dateOf(ifModifiedSince) ? 'unchanged' : 'read';
}

/** For PUT and DELETE: If-Match and If-None-Match, judged while no other change of the key can happen. */
export function writePrecondition(headers: IncomingHttpHeaders): Precondition {
  const { ifMatch, ifNoneMatch } = conditionsOf(headers);
  return (current) => {
    if (ifMatch !== undefined && !current) throw new S3Error('NoSuchKey');
    if (ifMatch !== undefined && current && !matches(ifMatch, current)) throw new S3Error('PreconditionFailed');
    if (ifNoneMatch !== undefined && current && matches(ifNoneMatch, current)) throw new S3Error('PreconditionFailed');
  };
}

export const matches = (list: string, { etag }: ObjectVersion): boolean =>
  list.trim() === '*' || list.split(',').some((one) => unquoted(one.trim().replace(/^W\//, '')) === etag);

/** HTTP dates have whole seconds. A date that can't be read puts no condition. */
const dateOf = (text: string): number => Math.floor(Date.parse(text) / 1000);
const secondsOf = ({ lastModified }: ObjectVersion): number => Math.floor(Date.parse(lastModified) / 1000);
