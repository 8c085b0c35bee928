// The pure interpreter alone, on one core: no database, no queue, no process. A transition is a state entered, worked
// through and left. The measure beside it is JSON.parse(JSON.stringify(frame)), what the smallest engine that stores
// its frames must do at least once for each. aws-local-stepfunctions 3.0.0, in memory too, made 69,700 steps/s of the
// same three tasks on the machine of the study (see docs); it promises no durability either.
import { initialFrame, transition } from '../../dist/libs/workflow/src/index.js';
import { report } from './lib/figures.mjs';

const SECONDS = 1;
const ROUNDS = 21;
const ROUND_MS = 50;
const around = {
  execution: { id: 'e', name: 'n', input: {}, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'w', name: 'demo' },
  now: Date.UTC(2026, 0, 1),
  maxDataBytes: 16 * 1024 * 1024,
  random: () => 0.5,
  uuid: () => '00000000-0000-4000-8000-000000000000',
};
const input = {
  order: {
    id: 7,
    items: [
      { sku: 'a', price: 3 },
      { sku: 'b', price: 5 },
    ],
  },
  total: 8,
};
// Data arrive as new objects, never twice the same one.
const pool = Array.from({ length: 1000 }, () => structuredClone(input));
let drawn = 0;
const data = () => pool[drawn++ % pool.length];

const task = (Next, more = {}) => ({
  Type: 'Task',
  Resource: 'function:nothing',
  ...more,
  ...(Next ? { Next } : { End: true }),
});
const threeTasks = { StartAt: 'A', States: { A: task('B'), B: task('C'), C: task() } };
const dataFlow = {
  StartAt: 'A',
  States: {
    A: task('B', { Parameters: { 'id.$': '$.order.id', fixed: 1 }, ResultPath: '$.result' }),
    B: { Type: 'Choice', Choices: [{ Variable: '$.total', NumericGreaterThan: 5, Next: 'C' }], Default: 'C' },
    C: { Type: 'Pass', Parameters: { 'list.$': 'States.Array($.order.id, $.total)' }, End: true },
  },
};
const jsonata = {
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: {
    A: task('B', { Arguments: { id: '{% $states.input.order.id %}' }, Assign: { total: '{% $states.input.total %}' } }),
    B: { Type: 'Choice', Choices: [{ Condition: '{% $total > 5 %}', Next: 'C' }], Default: 'C' },
    C: { Type: 'Pass', Output: { list: ['{% $states.input.order.id %}', '{% $total %}'] }, End: true },
  },
};

const jsonataReading = { ...jsonata, States: { ...jsonata.States, A: { ...jsonata.States.A, Assign: undefined } } };
jsonataReading.States.B = { ...jsonataReading.States.B, Choices: [{ Condition: '{% $length($v1) > 5 %}', Next: 'C' }] };
jsonataReading.States.C = { ...jsonataReading.States.C, Output: '{% $v1 %}' };

/** Plays one execution to its end; gives how many states it went through. */
function play(definition, frame = initialFrame('')) {
  let next = { type: 'Started', input: data() };
  for (let states = 0; ; ) {
    const { frame: after, history } = transition(definition, frame, next, around);
    for (const { type } of history) if (type.endsWith('StateExited')) states++;
    frame = after;
    if (frame.status !== 'RUNNING') return states;
    next = { type: 'TaskSucceeded', step: frame.step, output: data() };
  }
}

/** How often a second, over a second, after a warm-up. */
function rate(work) {
  const warm = performance.now() + 300;
  while (performance.now() < warm) work();
  let done = 0;
  const started = performance.now();
  const end = started + SECONDS * 1000;
  while (performance.now() < end) for (let n = 0; n < 20; n++) done += work();
  return done / ((performance.now() - started) / 1000);
}

/** CPU of the second over that of the first, in rounds that take turns: what else runs on the machine comes to both. */
function ratio(first, second) {
  const ratios = Array.from({ length: ROUNDS }, () => cpuOf(second) / cpuOf(first));
  return ratios.toSorted((a, b) => a - b)[ROUNDS >> 1];
}

function cpuOf(work) {
  const end = performance.now() + ROUND_MS;
  const before = process.cpuUsage();
  let done = 0;
  while (performance.now() < end) for (let n = 0; n < 20; n++) done += work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / done;
}

const wide = (states) => ({
  ...threeTasks,
  States: {
    ...Object.fromEntries(Array.from({ length: states }, (_, n) => [`Other${n}`, task('A')])),
    ...threeTasks.States,
  },
});
const variables = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`v${n}`, 'x'.repeat(1000)]));
const loaded = { ...initialFrame('', undefined, variables), variableBytes: 1_007_000 };
const assigning = {
  StartAt: 'A',
  States: { A: task('B', { Assign: { 'v1.$': '$.total' } }), B: task('C'), C: task() },
};
const copied = { ...initialFrame(''), stateName: 'A', input, step: 3, enteredAt: '2026-01-01T00:00:00.000Z' };

const perSecond = {
  'three tasks': rate(() => play(threeTasks)),
  'task with Parameters, Choice, Pass with an intrinsic': rate(() => play(dataFlow)),
  'the same in JSONata, with a variable': rate(() => play(jsonata)),
};
const wideDefinition = wide(2000);
const few = { ...initialFrame('', undefined, { v1: 'x'.repeat(1000) }) };
const [mapOfFew, mapOfMany] = [mapOf(100), mapOf(100_000)];
/** Each with what is beside it, and without. */
const besides = {
  '2,000 other states': [() => play(threeTasks), () => play(wideDefinition)],
  '1,000 variables of 1 KB': [() => play(threeTasks), () => play(threeTasks, loaded)],
  '1,000 variables, one of which is assigned': [() => play(assigning), () => play(assigning, loaded)],
  '999 variables more, one of which is read in JSONata': [
    () => play(jsonataReading, few),
    () => play(jsonataReading, loaded),
  ],
  '99,900 more items of a Map whose iteration ends': [mapOfFew, mapOfMany],
};

/** One iteration of a Map ends and the next begins, of so many: the frame that counts them is all that is touched. */
function mapOf(items) {
  const processor = { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } };
  const Each = { Type: 'Map', MaxConcurrency: 10, ItemProcessor: processor, End: true };
  const definition = { StartAt: 'Each', States: { Each } };
  const list = Array.from({ length: items }, (_, n) => n);
  const { frame } = transition(definition, initialFrame(''), { type: 'Started', input: list }, around);
  const ended = { type: 'ChildSucceeded', step: frame.step, index: 0 };
  return () => (transition(definition, frame, ended, around), 1);
}
const copies = rate(() => (JSON.parse(JSON.stringify(copied)), 1));
const rounded = (value) => Math.round(value).toLocaleString('en');
report('The pure interpreter, on one core', [
  ...Object.entries(perSecond).map(
    ([what, value]) =>
      `${what}: ${rounded(value)} transitions/s (${(value / copies).toFixed(2)} per JSON copy of a frame)`,
  ),
  `JSON copies of a frame: ${rounded(copies)}/s`,
  'What a transition takes beside state that it has nothing to do with, over what it takes without (CPU, in turns):',
  ...Object.entries(besides).map(([what, [without, beside]]) => `  ${what}: × ${ratio(without, beside).toFixed(2)}`),
]);
