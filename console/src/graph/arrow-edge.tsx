import { BaseEdge, type EdgeProps } from '@xyflow/react';
import type { Point } from './place.js';

interface ArrowData {
  readonly points: readonly Point[];
  readonly labelAt?: Point;
}

/** An arrow along the way that the layout found for it, so that it runs around the boxes and not through them. */
export function ArrowEdge({ data, label, style, markerEnd }: EdgeProps) {
  const { points, labelAt } = data as unknown as ArrowData;
  return (
    <BaseEdge
      path={smooth(points)}
      label={label}
      labelX={labelAt?.x}
      labelY={labelAt?.y}
      labelBgPadding={[5, 2]}
      labelBgBorderRadius={4}
      style={style}
      markerEnd={markerEnd}
    />
  );
}

/** A curve that begins and ends at the outer points and is drawn towards the ones between. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const parts = rest.map((point, index) => {
    const next = rest[index + 1];
    if (!next) return `L ${point.x} ${point.y}`;
    return `Q ${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return [`M ${first.x} ${first.y}`, ...parts].join(' ');
}
