import { describe, expect, it } from '@jest/globals';
import type { MachineDefinition } from '../api/types.js';
import { type Box, layout } from './layout.js';
import { outline } from './outline.js';

const task = (next?: string) => ({ Type: 'Task', Resource: 'function:f', ...(next ? { Next: next } : { End: true }) });
const definition: MachineDefinition = {
  StartAt: 'First',
  States: {
    First: { ...task('Both'), Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }] },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Same', States: { Same: task() } },
        {
          StartAt: 'Same',
          States: {
            Same: task('Each'),
            Each: { Type: 'Map', End: true, ItemProcessor: { StartAt: 'One', States: { One: task() } } },
          },
        },
      ],
      Next: 'Which',
    },
    Which: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 3, Next: 'First' }], Default: 'Done' },
    Done: { Type: 'Succeed' },
    Sorry: { Type: 'Fail' },
  },
};

const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= 0 && inner.y >= 0 && inner.x + inner.width <= outer.width && inner.y + inner.height <= outer.height;

describe('layout', () => {
  const drawing = layout(outline(definition));
  const byId = new Map(drawing.boxes.map((box) => [box.id, box]));

  it('gives each state of each machine a box of its own, even under the same name', () => {
    expect(byId.size).toBe(drawing.boxes.length);
    expect(drawing.boxes.filter((box) => box.state?.name === 'Same').map((box) => box.id)).toEqual([
      '/Both/0/Same',
      '/Both/1/Same',
    ]);
  });

  it('puts a box inside the box that holds it', () => {
    const inside = drawing.boxes.filter((box) => box.parentId !== undefined);
    expect(inside.length).toBeGreaterThan(5);
    for (const box of inside) expect(holds(byId.get(box.parentId ?? '') as Box, box)).toBe(true);
  });

  it('lets no boxes of one level overlap', () => {
    for (const a of drawing.boxes) {
      for (const b of drawing.boxes) {
        if (a.id >= b.id || a.parentId !== b.parentId) continue;
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect([a.id, b.id, apart]).toEqual([a.id, b.id, true]);
      }
    }
  });

  it('draws arrows between boxes that exist, errors as errors, and both terminals', () => {
    for (const { source, target, points } of drawing.arrows) {
      expect(byId.has(source) && byId.has(target) && points.length >= 2).toBe(true);
    }
    expect(drawing.arrows.filter((arrow) => arrow.isCatch)).toMatchObject([
      { source: '/First', target: '/Sorry', label: 'any error' },
    ]);
    expect(drawing.arrows.find((arrow) => arrow.source === '/Which' && arrow.target === '/First')?.label).toBe('n > 3');
    expect(drawing.arrows.filter((arrow) => arrow.target === '#end').map((arrow) => arrow.source)).toEqual([
      '/Done',
      '/Sorry',
    ]);
  });

  it('draws an endless loop, which has no end', () => {
    const loop = layout(outline({ StartAt: 'A', States: { A: task('B'), B: task('A') } }));
    expect(loop.boxes.map((box) => box.label).filter(Boolean)).toEqual(['Start']);
  });
});
