import { Graph, layout as place } from '@dagrejs/dagre';
import type { Outline, OutlineState } from './outline.js';

/** Where a box stands, from the corner of the box that holds it. */
export interface Box {
  readonly id: string;
  readonly parentId?: string;
  readonly kind: 'state' | 'group' | 'lane' | 'terminal';
  readonly state?: OutlineState;
  readonly label?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Arrow {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly label?: string;
  readonly isCatch: boolean;
}

export interface Drawing {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly width: number;
  readonly height: number;
}

const stateSize = { width: 208, height: 58 };
const terminalSize = { width: 54, height: 26 };
const groupHeader = 58;
const padding = 16;

/** Inner machines are placed first: a Parallel or Map is a box as large as what is in it. */
export function layout(machine: Outline, path = ''): Drawing {
  const isRoot = path === '';
  const inside = new Map(machine.states.map((state) => [state.name, lanes(state, idOf(path, state.name))]));
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'TB',
    nodesep: 32,
    ranksep: 44,
    marginx: isRoot ? 8 : padding,
    marginy: isRoot ? 8 : padding,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const state of machine.states) graph.setNode(state.name, sizeOf(state, inside.get(state.name)));
  const arrows = machine.edges.map((edge, index) => {
    const label = edge.label ? { width: Math.min(edge.label.length, 26) * 6.5, height: 20, labelpos: 'c' } : {};
    graph.setEdge(edge.from, edge.to, { ...label, weight: edge.isCatch ? 1 : 3 }, String(index));
    return { ...edge, id: `${path}#${index}`, source: idOf(path, edge.from), target: idOf(path, edge.to) };
  });
  const terminals = isRoot ? addTerminals(graph, machine) : [];
  place(graph as never);
  const boxes = machine.states.flatMap((state) => boxesOf(state, path, graph, inside.get(state.name)));
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    boxes: [...boxes, ...(isRoot ? terminalBoxes(graph, machine) : [])],
    arrows: [...arrows, ...terminals, ...[...inside.values()].flatMap((drawing) => drawing?.arrows ?? [])],
    width,
    height,
  };
}

/** Two branches may use the same name, so an id holds the way to the state; lanes are numbered. */
function idOf(path: string, name: string): string {
  return `${path}/${name}`;
}

/** The machines inside a state side by side, or undefined for a state that holds none. */
function lanes(state: OutlineState, id: string): Drawing | undefined {
  if (state.inner.length === 0) return undefined;
  const boxes: Box[] = [];
  const arrows: Arrow[] = [];
  let x = padding;
  let height = 0;
  for (const [index, machine] of state.inner.entries()) {
    const laneId = `${id}/${index}`;
    const drawing = layout(machine, laneId);
    boxes.push({
      id: laneId,
      parentId: id,
      kind: 'lane',
      x,
      y: groupHeader,
      width: drawing.width,
      height: drawing.height,
    });
    boxes.push(...drawing.boxes.map((box) => (box.parentId ? box : { ...box, parentId: laneId })));
    arrows.push(...drawing.arrows);
    x += drawing.width + padding;
    height = Math.max(height, drawing.height);
  }
  const evenLanes = boxes.map((box) => (box.kind === 'lane' && box.parentId === id ? { ...box, height } : box));
  return { boxes: evenLanes, arrows, width: Math.max(x, stateSize.width), height: groupHeader + height + padding };
}

function sizeOf(state: OutlineState, inside: Drawing | undefined): { width: number; height: number } {
  return inside ? { width: inside.width, height: inside.height } : { ...stateSize };
}

type Placed = { x: number; y: number; width: number; height: number };

function cornerOf(graph: Graph, id: string): Placed {
  const node = graph.node(id) as unknown as Placed;
  return { x: node.x - node.width / 2, y: node.y - node.height / 2, width: node.width, height: node.height };
}

function boxesOf(state: OutlineState, path: string, graph: Graph, inside: Drawing | undefined): Box[] {
  const id = idOf(path, state.name);
  const own: Box = { id, kind: inside ? 'group' : 'state', state, ...cornerOf(graph, state.name) };
  return inside ? [own, ...inside.boxes] : [own];
}

const start = '\0start';
const end = '\0end';

function addTerminals(graph: Graph, machine: Outline): Arrow[] {
  graph.setNode(start, { ...terminalSize });
  graph.setNode(end, { ...terminalSize });
  graph.setEdge(start, machine.startAt, {}, 'start');
  for (const name of machine.ends) graph.setEdge(name, end, {}, `end ${name}`);
  const first = { id: '#start', source: start, target: idOf('', machine.startAt), isCatch: false };
  const last = machine.ends.map((name) => ({
    id: `#end/${name}`,
    source: idOf('', name),
    target: end,
    isCatch: false,
  }));
  return [first, ...last];
}

function terminalBoxes(graph: Graph, machine: Outline): Box[] {
  const boxes: Box[] = [{ id: start, kind: 'terminal', label: 'Start', ...cornerOf(graph, start) }];
  if (machine.ends.length > 0) boxes.push({ id: end, kind: 'terminal', label: 'End', ...cornerOf(graph, end) });
  return boxes;
}
