import { useNavigate } from 'react-router';
import { address, post, segment } from '../api/http.js';
import type { Json } from '../api/types.js';
import { JsonDialog } from '../ui/json-dialog.js';

/** Runs a function with an event, and leads to the run. */
export function InvokeButton({ name }: { name: string }) {
  const navigate = useNavigate();
  // Not waited for here: the page of the run shows how far it is, and what it says.
  const invoke = async (event: Json) => {
    const path = address(`functions/${segment(name)}/invocations`, { mode: 'sync', waitSeconds: 0 });
    const { id } = await post<{ id: string }>(path, event);
    void navigate(`/invocations/${segment(id)}`);
  };
  return (
    <JsonDialog open="Run" send="Run it" title={`Run ${name}`} label="Event (JSON)" initial={{}} onSend={invoke} />
  );
}
