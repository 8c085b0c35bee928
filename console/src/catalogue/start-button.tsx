import { useNavigate } from 'react-router';
import { address, post, segment } from '../api/http.js';
import type { Execution, Json } from '../api/types.js';
import { JsonDialog } from '../ui/json-dialog.js';

/** Starts an execution of the latest version, and leads to it. */
export function StartButton({ workflow }: { workflow: string }) {
  const navigate = useNavigate();
  const start = async (input: Json) => {
    const { id } = await post<Execution>(address(`workflows/${segment(workflow)}/executions`), { input });
    void navigate(`/executions/${segment(id)}`);
  };
  return (
    <JsonDialog
      open="Start"
      send="Start the execution"
      title={`Start ${workflow}`}
      label="Input (JSON)"
      initial={{}}
      onSend={start}
    />
  );
}
