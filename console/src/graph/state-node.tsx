import { Handle, type NodeProps, Position } from '@xyflow/react';
import type { RunStatus } from '../execution/state-runs.js';
import { Icon, type IconName } from '../ui/icon.js';
import { StatusMark, statusText, statusTone } from '../ui/status-chip.js';
import type { OutlineState } from './outline.js';

/** What an execution did in a state. */
export interface StateFacts {
  readonly status: RunStatus;
  readonly note: string;
  readonly percent?: number;
}

interface StateNodeData {
  readonly state: OutlineState;
  readonly isContainer: boolean;
  readonly facts?: StateFacts;
  readonly isSelected: boolean;
}

const icons: Record<string, IconName> = {
  Task: 'task',
  Choice: 'choice',
  Wait: 'wait',
  Parallel: 'parallel',
  Map: 'map',
  Pass: 'pass',
  Succeed: 'check',
  Fail: 'cross',
};

export function StateNode({ data }: NodeProps) {
  const { state, isContainer, facts, isSelected } = data as unknown as StateNodeData;
  const status = facts?.status ?? 'IDLE';
  const icon = state.detail.startsWith('topic:') ? 'topic' : (icons[state.type] ?? 'dot');
  return (
    <div
      className={isContainer ? 'state container' : 'state'}
      data-tone={statusTone(status)}
      data-status={status}
      data-selected={isSelected}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <button
        type="button"
        aria-pressed={isSelected}
        aria-label={`${state.name}, ${state.type}: ${statusText(status)}`}
      >
        <span className="state-icon">
          <Icon name={icon} />
        </span>
        <span className="state-text">
          <span className="state-name">{state.name}</span>
          <span className="state-detail">{state.detail}</span>
        </span>
        {facts && (
          <span className="state-mark">
            <StatusMark status={status} size={16} />
            {facts.note}
          </span>
        )}
      </button>
      {facts?.percent !== undefined && <span className="state-progress" style={{ width: `${facts.percent}%` }} />}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}
