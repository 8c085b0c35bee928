import { canonicalRequest } from '../embedded/auth/canonical-request.js';
import { scopeText, sha256Hex, signatureOf, signingKey } from '../embedded/auth/signing.js';
import { Query } from '../embedded/http/query.js';
import { credentials } from './embedded.js';

export interface ToSign {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** With `x-amz-content-sha256`. */
  readonly headers: Record<string, string>;
}

/** A request's headers with those that sign it. For requests that no client would send. */
export function signedHeaders({ method, path, host, headers }: ToSign): Record<string, string> {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = { date: date.slice(0, 8), region: 'us-east-1' };
  const all: Record<string, string> = { host, 'x-amz-date': date, ...headers };
  const names = Object.keys(all).toSorted();
  const [bare = '', query = ''] = path.split('?');
  const distinct = Object.fromEntries(names.map((name) => [name, [all[name]!]]));
  const canonical = canonicalRequest(
    { method, path: bare, query: new Query(query), headers: distinct },
    names,
    all['x-amz-content-sha256']!,
  );
  const toSign = ['AWS4-HMAC-SHA256', date, scopeText(scope), sha256Hex(canonical)].join('\n');
  const signature = signatureOf(signingKey(credentials.secretAccessKey, scope), toSign);
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...all, authorization };
}
