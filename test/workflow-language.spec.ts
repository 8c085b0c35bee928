import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Json, type StateMachine, validate } from '@app/workflow';
import { Driver } from '../libs/workflow/conformance/driver.js';

interface Block {
  readonly kind: string;
  readonly line: number;
  readonly value: Json;
}

const page = readFileSync('docs/workflow-language.md', 'utf8');
const blocks = [...page.matchAll(/^```json ?(\w*)\n([\s\S]*?)^```/gm)].map(
  ({ 1: kind = '', 2: text = '', index }): Block => ({
    kind: kind || 'definition',
    line: page.slice(0, index).split('\n').length,
    value: JSON.parse(text),
  }),
);

/** A state by itself stands for a machine that has only it. */
const machineOf = ({ value }: Block): StateMachine =>
  (typeof value === 'object' && value !== null && 'Type' in value
    ? { StartAt: 'S', States: { S: value } }
    : value) as unknown as StateMachine;

describe('docs/workflow-language.md', () => {
  const definitions = blocks.filter(({ kind }) => kind === 'definition');

  it('has examples', () => {
    expect(definitions.length).toBeGreaterThanOrEqual(10);
  });

  it.each(definitions.map((block) => [block.line, block] as const))(
    'has an example in line %d that is valid and warns of nothing',
    (_, block) => {
      expect(validate(machineOf(block))).toEqual({ problems: [], warnings: [] });
    },
  );

  const played = blocks.flatMap((input, index) => {
    const [definition, output] = [blocks[index - 1], blocks[index + 1]];
    return input.kind === 'input' && definition && output
      ? [[definition.line, definition, input, output] as const]
      : [];
  });

  it('says of each input what comes of it', () => {
    expect(played.length).toBe(blocks.filter(({ kind }) => kind === 'input').length);
    expect(played.map(([, , , { kind }]) => kind)).toEqual(played.map(() => 'output'));
  });

  it.each(played)('has an example in line %d that gives the output shown', (_, definition, input, output) => {
    const { frame } = new Driver({ definition: machineOf(definition), input: input.value }).play();
    expect(frame).toMatchObject({ status: 'SUCCEEDED', output: output.value });
  });
});
