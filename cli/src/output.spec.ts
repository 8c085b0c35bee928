import { describe, expect, it } from '@jest/globals';
import { Output } from './output.js';

const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);

function written(isTTY: boolean, text: string): string {
  let all = '';
  const stream = { isTTY, write: (part: string) => void (all += part) };
  new Output(false, stream as unknown as NodeJS.WriteStream).line(text);
  return all;
}

describe('a line', () => {
  it.each([
    ['fills the clipboard', `${ESCAPE}]52;c;cm0gLXJm${BELL}`],
    ['moves the cursor', `${ESCAPE}[2J${ESCAPE}[1;1H`],
    ['writes over what stood there', 'done\rfailed'],
    ['does so in one byte', `${String.fromCharCode(0x9b)}2J`],
  ])('that %s does nothing to a terminal', (_what, text) => {
    expect(written(true, `before${text}after`)).toMatch(/^before [\x20-\x7e]*after\n$|^beforedone failedafter\n$/);
  });

  it('has its colours and tabs on a terminal, and is as it was in a file', () => {
    const coloured = `${ESCAPE}[31mred${ESCAPE}[39m\tlast`;
    expect(written(true, coloured)).toBe(`${coloured}\n`);
    expect(written(false, `${ESCAPE}[2J`)).toBe(`${ESCAPE}[2J\n`);
  });
});
