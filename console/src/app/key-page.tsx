import { type FormEvent, useState } from 'react';
import { address, read } from '../api/http.js';
import { Problem } from '../api/problem.js';
import { rememberKey } from '../api/session-key.js';
import { Icon } from '../ui/icon.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';

/** Asks for the API key and tries it before it is kept. */
export function KeyPage() {
  useTitle('Sign in');
  const [key, setKey] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(await refusal(key.trim()));
    setBusy(false);
  };

  return (
    <main className="sign-in">
      <form className="card" onSubmit={signIn}>
        <h1>
          <Icon name="spool" size={26} /> Spool
        </h1>
        <label htmlFor="key">API key</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          autoFocus
          placeholder="spool_…"
          aria-describedby="key-help"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <p id="key-help" className="muted small">
          Spool prints it on its first start and keeps it in <code>.spool/access.json</code>. It stays in this browser
          tab only.
        </p>
        {error !== undefined && <ProblemBox error={error} />}
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? 'Checking…' : 'Open the console'}
        </button>
      </form>
    </main>
  );
}

/** Undefined once the key was accepted and is remembered. */
async function refusal(key: string): Promise<unknown> {
  try {
    await read(address('executions', { limit: 1 }), undefined, key);
    rememberKey(key);
    return undefined;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return new Problem(401, error.code, 'This key is not valid.');
    return error;
  }
}
