/**
 * Who may call a route: anybody; executors, with their token; whoever sits on this machine, or has a key; or
 * whoever has a key. It is asked for a route's own pattern, never for the address as it was sent, so no way of
 * writing an address leads around it, and a route that nobody thought of needs a key.
 */
export type Access = 'open' | 'executor' | 'local' | 'key';

const OPEN = [/^\/$/, /^\/health\//, /^\/docs(\/|$)/, /^\/openapi\.json$/, /^\/console(\/|$)/, /^\/hooks\//];

export function accessTo(route: string | undefined): Access {
  if (route === undefined) return 'key';
  if (OPEN.some((pattern) => pattern.test(route))) return 'open';
  if (route.startsWith('/worker/')) return 'executor';
  return route === '/metrics' ? 'local' : 'key';
}
