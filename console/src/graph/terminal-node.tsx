import { Handle, type NodeProps, Position } from '@xyflow/react';

export function TerminalNode({ data }: NodeProps) {
  const isStart = data.label === 'Start';
  return (
    <div className="terminal">
      {!isStart && <Handle type="target" position={Position.Top} isConnectable={false} />}
      {String(data.label)}
      {isStart && <Handle type="source" position={Position.Bottom} isConnectable={false} />}
    </div>
  );
}
