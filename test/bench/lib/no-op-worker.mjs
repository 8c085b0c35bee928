// A worker that does nothing but speak the worker API's protocol: every task's answer is its own payload.
const FREE = { slots: 1_000, memoryMb: 10_000_000, vcpu: 10_000 };

/** `call(method, path, body)` with the executors' token. */
export async function noOpWorker(call) {
  const registration = { name: 'nobody', labels: ['cpu'], capacity: FREE, version: '0' };
  const { executorId } = await call('POST', '/worker/v1/executors', registration);
  const over = new AbortController();
  const lane = async () => {
    let results = [];
    while (!over.signal.aborted) {
      const poll = { free: FREE, running: [], results, waitMs: 2_000 };
      const { tasks } = await call('POST', `/worker/v1/executors/${executorId}/poll`, poll).catch(() => ({
        tasks: [],
      }));
      results = tasks.map(answer);
    }
  };
  void lane();
  void lane();
  return { stop: () => over.abort() };
}

function answer({ id, attempt, payload: output }) {
  return { id, attempt, status: 'SUCCEEDED', output, outputs: [], usage: { wallMs: 0 } };
}
