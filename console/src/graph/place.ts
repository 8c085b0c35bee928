import { Graph, layout } from '@dagrejs/dagre';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Link {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly label?: string;
  readonly isCatch: boolean;
}

/** The way an arrow takes around the boxes, and where its label has room. */
export interface Way {
  readonly points: readonly Point[];
  readonly labelAt?: Point;
}

export interface Placed extends Size {
  readonly corner: (id: string) => Point;
  readonly way: (id: string) => Way;
}

const labelHeight = 20;
const longestLabel = 30;
const letterWidth = 6;

export function shortened(label: string): string {
  return label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label;
}

/** Gives boxes of one level their places from top to bottom, by Dagre. */
export function place(boxes: ReadonlyMap<string, Size>, links: readonly Link[], margin: number): Placed {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 32, edgesep: 20, ranksep: 46, marginx: margin, marginy: margin });
  for (const [id, size] of boxes) graph.setNode(id, { ...size });
  for (const { id, source, target, label, isCatch } of links) {
    const room = label
      ? { width: shortened(label).length * letterWidth + 12, height: labelHeight, labelpos: 'c' as const }
      : {};
    graph.setEdge(source, target, { ...room, weight: isCatch ? 1 : 3 }, id);
  }
  layout(graph);
  const ways = new Map(graph.edges().map((edge) => [edge.name, graph.edge(edge) as unknown as Partial<Point> & Way]));
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  return {
    width,
    height,
    corner: (id) => {
      const node = graph.node(id) as unknown as Point & Size;
      return { x: node.x - node.width / 2, y: node.y - node.height / 2 };
    },
    way: (id) => {
      const { points = [], x, y } = ways.get(id) ?? {};
      return { points, labelAt: x === undefined || y === undefined ? undefined : { x, y } };
    },
  };
}
