// Loaded by nodejs.mjs where one process serves several calls at the same time: knows which call a piece of code runs
// for, and says so on each line that it prints (src/runtimes/instance-lines.ts reads that).
import { AsyncLocalStorage } from 'node:async_hooks';
import { StringDecoder } from 'node:string_decoder';

const MARK = '\u001e';
/** The executor parts longer lines, and what it parts has no mark. */
const MAX_LINE = 4_000;

const calls = new AsyncLocalStorage();
const inHand = new Set();

/** The call whose code runs now; undefined outside of all. */
export const current = () => calls.getStore()?.id;
export const all = () => [...inHand].map(({ id }) => id);

/** Runs `work` as the call with this id. */
export async function during(id, work) {
  const call = { id, rests: new Map() };
  inHand.add(call);
  try {
    return await calls.run(call, work);
  } finally {
    for (const [write, { text }] of call.rests) if (text) write(tagged(id, text));
    call.rests.clear();
    inHand.delete(call);
  }
}

const tagged = (id, line) => `${MARK}${id}${MARK}${line}\n`;

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, encoding, done) => {
    const call = calls.getStore();
    if (!call || chunk === '') return write(chunk, encoding, done);
    const callback = typeof encoding === 'function' ? encoding : done;
    const rest = call.rests.get(write) ?? { text: '', decoder: new StringDecoder('utf8') };
    const text = typeof chunk === 'string' ? chunk : rest.decoder.write(Buffer.from(chunk));
    const lines = (rest.text + text).split('\n');
    rest.text = lines.pop();
    // What is left without a newline waits for the rest of its line, unless the call is over: nobody would write it.
    if (!inHand.has(call)) lines.push(...rest.text.split('\n', rest.text ? 1 : 0));
    if (!inHand.has(call)) rest.text = '';
    while (rest.text.length > MAX_LINE) {
      lines.push(rest.text.slice(0, MAX_LINE));
      rest.text = rest.text.slice(MAX_LINE);
    }
    call.rests.set(write, rest);
    const parts = lines.flatMap((line) => line.match(/[^]{1,4000}/g) ?? ['']);
    const out = parts.map((part) => tagged(call.id, part)).join('');
    if (out) return write(out, callback);
    if (callback) process.nextTick(callback);
    return true;
  };
}
