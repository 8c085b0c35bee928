import { useQueryClient } from '@tanstack/react-query';
import { address, put, segment } from '../api/http.js';
import type { EventInvokeConfig } from '../api/types.js';
import { JsonDialog } from '../ui/json-dialog.js';

/** Changes how asynchronous invocations are retried and who is told, as the JSON that the API takes. */
export function EventConfigButton({ name, config }: { name: string; config: EventInvokeConfig }) {
  const queries = useQueryClient();
  const save = async (changed: unknown) => {
    await put(address(`functions/${segment(name)}/event-invoke-config`), changed);
    await queries.invalidateQueries({ queryKey: ['event-config', name] });
  };
  return (
    <JsonDialog
      open="Retries and destinations"
      send="Save"
      title={`Asynchronous invocations of ${name}`}
      label="Configuration (JSON)"
      initial={config}
      rows={12}
      onSend={save}
    >
      <p>
        onSuccess and onFailure name who is told: {'{ "topic": … }'}, {'{ "function": … }'} or {'{ "workflow": … }'}.
      </p>
    </JsonDialog>
  );
}
