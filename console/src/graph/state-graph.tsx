import { Background, Controls, type Edge, MarkerType, type Node, ReactFlow, ReactFlowProvider } from '@xyflow/react';
import { useMemo } from 'react';
import type { MachineDefinition } from '../api/types.js';
import { ArrowEdge } from './arrow-edge.js';
import { type Arrow, type Box, type Drawing, layout } from './layout.js';
import { LaneNode } from './lane-node.js';
import { outline } from './outline.js';
import { shortened } from './place.js';
import { type StateFacts, StateNode } from './state-node.js';
import { TerminalNode } from './terminal-node.js';

const nodeTypes = { state: StateNode, container: StateNode, lane: LaneNode, terminal: TerminalNode };
const edgeTypes = { arrow: ArrowEdge };

interface StateGraphProps {
  readonly definition: MachineDefinition;
  readonly facts: ReadonlyMap<string, StateFacts>;
  readonly selected?: string;
  readonly onSelect: (stateName: string) => void;
}

/** The states of a workflow and the ways between them, coloured by what happened. */
export function StateGraph({ definition, facts, selected, onSelect }: StateGraphProps) {
  const drawing = useMemo(() => layout(outline(definition)), [definition]);
  const nodes = useMemo(() => drawing.boxes.map((box) => toNode(box, facts, selected)), [drawing, facts, selected]);
  const edges = useMemo(() => drawing.arrows.map((arrow) => toEdge(arrow, drawing, facts)), [drawing, facts]);
  return (
    <div className="graph" style={shape(drawing)} role="group" aria-label="States of the workflow">
      <ReactFlowProvider>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          fitView
          fitViewOptions={{ padding: 0.06, maxZoom: 1 }}
          minZoom={0.15}
          maxZoom={1.5}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          onNodeClick={(_, node) => typeof node.data.stateName === 'string' && onSelect(node.data.stateName)}
        >
          <Background gap={20} size={1} color="var(--line)" />
          <Controls showInteractive={false} position="bottom-right" />
        </ReactFlow>
      </ReactFlowProvider>
    </div>
  );
}

/** As high as the drawing at full size, or less where the page is too narrow for that. */
function shape({ width, height }: Drawing) {
  return { aspectRatio: `${width + 24} / ${height + 24}`, maxHeight: `min(${Math.round(height) + 48}px, 42rem)` };
}

function toNode(box: Box, facts: ReadonlyMap<string, StateFacts>, selected: string | undefined): Node {
  const name = box.state?.name;
  const data = {
    label: box.label,
    stateName: name,
    state: box.state,
    isContainer: box.kind === 'container',
    facts: name === undefined ? undefined : facts.get(name),
    isSelected: name !== undefined && name === selected,
  };
  return {
    id: box.id,
    type: box.kind,
    data,
    position: { x: box.x, y: box.y },
    parentId: box.parentId,
    width: box.width,
    height: box.height,
    selectable: false,
  };
}

function toEdge(arrow: Arrow, drawing: Drawing, facts: ReadonlyMap<string, StateFacts>): Edge {
  const isTaken = wasTaken(arrow, drawing, facts);
  const color = isTaken ? 'var(--edge-taken)' : 'var(--edge)';
  return {
    id: arrow.id,
    source: arrow.source,
    target: arrow.target,
    label: arrow.label && shortened(arrow.label),
    type: 'arrow',
    data: { points: arrow.points, labelAt: arrow.labelAt },
    className: arrow.isCatch ? 'edge-catch' : undefined,
    zIndex: 1,
    style: { stroke: color, strokeWidth: isTaken ? 2 : 1.4 },
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color },
  };
}

/** Both ends were visited and the first was left; an arrow of a Catch only if its state did fail. */
function wasTaken(arrow: Arrow, drawing: Drawing, facts: ReadonlyMap<string, StateFacts>): boolean {
  const factsOf = (id: string): StateFacts | undefined => {
    const name = drawing.boxes.find((box) => box.id === id)?.state?.name;
    return name === undefined ? undefined : facts.get(name);
  };
  const isTerminal = (id: string): boolean => drawing.boxes.some((box) => box.id === id && box.kind === 'terminal');
  const [source, target] = [factsOf(arrow.source), factsOf(arrow.target)];
  if (isTerminal(arrow.source)) return target !== undefined;
  if (source === undefined || (target === undefined && !isTerminal(arrow.target))) return false;
  if (arrow.isCatch) return source.status === 'CAUGHT';
  return source.status === 'SUCCEEDED';
}
