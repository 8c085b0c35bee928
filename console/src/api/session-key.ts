/** The API key of this browser tab. It is never written anywhere that outlives the tab. */
const storageName = 'spool.apiKey';
const listeners = new Set<() => void>();

export function sessionKey(): string | null {
  return sessionStorage.getItem(storageName);
}

export function rememberKey(key: string): void {
  sessionStorage.setItem(storageName, key);
  for (const tell of listeners) tell();
}

export function forgetKey(): void {
  sessionStorage.removeItem(storageName);
  for (const tell of listeners) tell();
}

export function onKeyChange(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Takes `#key=…` out of the address, so that it stays neither in the history nor in a copied link. */
export function takeKeyFromAddress(): void {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (!key) return;
  rememberKey(key);
  history.replaceState(history.state, '', location.pathname + location.search);
}
