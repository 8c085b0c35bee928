import type { FastEnd } from './call-record.js';

const CAUSE =
  'The connection to the executor broke while it ran. Whether it came to its end there is not known, and it is not run again';

/** How a call ends whose executor cannot be heard any more. */
export const lostCall = (startedAt: number): FastEnd => ({
  status: 'FAILED',
  error: 'Executor.Lost',
  cause: JSON.stringify({ errorMessage: CAUSE, errorType: 'Executor.Lost', trace: [] }),
  usage: { wallMs: Math.round(performance.now() - startedAt) },
});
