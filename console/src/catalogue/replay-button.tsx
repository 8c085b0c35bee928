import { useRedriveAll, useWaitingLetters } from '../api/dead-letters.js';
import { ProblemBox } from '../ui/problem-box.js';

/** Gives a trigger what it could not start; there only if there is something. */
export function ReplayButton({ trigger }: { trigger: string }) {
  const { data: waiting = 0 } = useWaitingLetters(trigger);
  const redrive = useRedriveAll(trigger);
  return (
    <>
      {redrive.data && <p role="status">{redrive.data.redriven} replayed</p>}
      {redrive.isError && <ProblemBox error={redrive.error} />}
      {waiting > 0 && (
        <button type="button" className="button" disabled={redrive.isPending} onClick={() => redrive.mutate()}>
          {redrive.isPending ? 'Replaying…' : `Replay ${waiting < 50 ? waiting : 'all'} dead letters`}
        </button>
      )}
    </>
  );
}
