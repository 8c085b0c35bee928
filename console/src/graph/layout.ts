import type { Outline, OutlineState } from './outline.js';
import { type Link, type Placed, type Point, place, type Size, type Way } from './place.js';

/** A box with its place, from the corner of the box that holds it. */
export interface Box extends Point, Size {
  readonly id: string;
  readonly parentId?: string;
  readonly kind: 'state' | 'container' | 'lane' | 'terminal';
  readonly state?: OutlineState;
  readonly label?: string;
}

/** An arrow, with its way from the corner of the whole drawing. */
export type Arrow = Link & Way;

export interface Drawing extends Size {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const stateSize = { width: 236, height: 58 };
const terminalSize = { width: 54, height: 26 };
const headerHeight = 58;
const padding = 16;
const start = '#start';
const end = '#end';

export function layout(machine: Outline): Drawing {
  const { boxes, arrows, ...size } = machineDrawing(machine, '');
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const corner = (box: Box | undefined): Point => {
    if (!box) return { x: 0, y: 0 };
    const outer = corner(byId.get(box.parentId ?? ''));
    return { x: outer.x + box.x, y: outer.y + box.y };
  };
  const whole = arrows.map((arrow) => {
    const { x, y } = corner(byId.get(byId.get(arrow.source)?.parentId ?? ''));
    const moved = (point: Point): Point => ({ x: point.x + x, y: point.y + y });
    return { ...arrow, points: arrow.points.map(moved), labelAt: arrow.labelAt && moved(arrow.labelAt) };
  });
  return { boxes, arrows: whole, ...size };
}

/** Inner machines are placed first: a Parallel or Map is a box as large as what is in it. */
function machineDrawing(machine: Outline, laneId: string): Drawing {
  const isRoot = laneId === '';
  const parentId = isRoot ? undefined : laneId;
  const idOf = (name: string): string => `${laneId}/${name}`;
  const inside = new Map(machine.states.map((state) => [state.name, lanes(state, idOf(state.name))]));
  const sizes = new Map<string, Size>(
    machine.states.map((state) => [idOf(state.name), inside.get(state.name) ?? stateSize]),
  );
  const links = [...stateLinks(machine, idOf), ...(isRoot ? terminalLinks(machine, idOf) : [])];
  const terminals = isRoot ? [start, ...(machine.ends.length > 0 ? [end] : [])] : [];
  for (const id of terminals) sizes.set(id, terminalSize);
  const placed = place(sizes, links, isRoot ? 8 : padding);
  const boxes = machine.states.map((state) => stateBox(state, idOf(state.name), placed, inside.get(state.name)));
  return {
    width: placed.width,
    height: placed.height,
    boxes: [
      ...boxes.map((box) => ({ ...box, parentId })),
      ...terminals.map((id) => terminalBox(id, placed)),
      ...[...inside.values()].flatMap((drawing) => drawing?.boxes ?? []),
    ],
    arrows: [
      ...links.map((link) => ({ ...link, ...placed.way(link.id) })),
      ...[...inside.values()].flatMap((drawing) => drawing?.arrows ?? []),
    ],
  };
}

/** The machines inside a state side by side, or undefined for a state that holds none. */
function lanes(state: OutlineState, id: string): Drawing | undefined {
  if (state.inner.length === 0) return undefined;
  const drawings = state.inner.map((machine, index) => machineDrawing(machine, `${id}/${index}`));
  const height = Math.max(...drawings.map((drawing) => drawing.height));
  let x = padding;
  const boxes = drawings.flatMap((drawing, index): Box[] => {
    const lane: Box = {
      id: `${id}/${index}`,
      parentId: id,
      kind: 'lane',
      x,
      y: headerHeight,
      width: drawing.width,
      height,
    };
    x += drawing.width + padding;
    return [lane, ...drawing.boxes];
  });
  return {
    boxes,
    arrows: drawings.flatMap((drawing) => drawing.arrows),
    width: x,
    height: headerHeight + height + padding,
  };
}

function stateBox(state: OutlineState, id: string, placed: Placed, inside: Drawing | undefined): Box {
  const { width, height } = inside ?? stateSize;
  return { id, kind: inside ? 'container' : 'state', state, ...placed.corner(id), width, height };
}

function terminalBox(id: string, placed: Placed): Box {
  return { id, kind: 'terminal', label: id === start ? 'Start' : 'End', ...placed.corner(id), ...terminalSize };
}

function stateLinks(machine: Outline, idOf: (name: string) => string): Link[] {
  return machine.edges.map(({ from, to, label, isCatch }, index) => {
    return { id: `${idOf(from)}#${index}`, source: idOf(from), target: idOf(to), label, isCatch };
  });
}

function terminalLinks(machine: Outline, idOf: (name: string) => string): Link[] {
  const first = { id: start, source: start, target: idOf(machine.startAt), isCatch: false };
  const last = machine.ends.map((name) => ({ id: `${end}/${name}`, source: idOf(name), target: end, isCatch: false }));
  return [first, ...last];
}
