import { Problem } from './problem.js';
import { forgetKey, sessionKey } from './session-key.js';

type Query = Record<string, string | number | undefined | null>;

/** `/v1/…` with its query; every segment that comes from data goes through `segment` first. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  return search.size > 0 ? `/v1/${path}?${search}` : `/v1/${path}`;
}

export const segment = encodeURIComponent;

/** Sends the key; throws a `Problem` for everything that is not 2xx, and forgets a key that is refused. */
export async function send(url: string, init: RequestInit = {}, key = sessionKey()): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key) headers.set('authorization', `Bearer ${key}`);
  const response = await fetch(url, { ...init, headers }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw Problem.unreachable(error);
  });
  if (response.status === 401 && key === sessionKey()) forgetKey();
  if (!response.ok) throw await Problem.of(response);
  return response;
}

export async function read<T>(url: string, signal?: AbortSignal, key = sessionKey()): Promise<T> {
  const response = await send(url, { signal, headers: { accept: 'application/json' } }, key);
  return (await response.json()) as T;
}

export const post = <T>(url: string, body: unknown): Promise<T> => write<T>('POST', url, body);
export const put = <T>(url: string, body: unknown): Promise<T> => write<T>('PUT', url, body);
export const patch = <T>(url: string, body: unknown): Promise<T> => write<T>('PATCH', url, body);

async function write<T>(method: string, url: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await send(url, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
