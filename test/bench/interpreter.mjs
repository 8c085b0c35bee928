// The pure interpreter alone, on one core: no database, no queue, no process. A transition is a state entered, worked
// through and left. The measure beside it is JSON.parse(JSON.stringify(frame)), what the smallest engine that stores
// its frames must do at least once for each. aws-local-stepfunctions 3.0.0, in memory too, made 69,700 steps/s of the
// same three tasks on the machine of the study (see docs); it promises no durability either.
import { initialFrame, transition } from '../../dist/libs/workflow/src/index.js';
import { report } from './lib/figures.mjs';

const SECONDS = 1;
const around = {
  execution: { id: 'e', name: 'n', input: {}, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'w', name: 'demo' },
  now: Date.UTC(2026, 0, 1),
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
perSecond['three tasks of a definition of 2,000 states'] = rate(() => play(wideDefinition));
perSecond['three tasks beside 1,000 variables of 1 KB'] = rate(() => play(threeTasks, loaded));
perSecond['one of them assigns, beside none'] = rate(() => play(assigning));
perSecond['one of them assigns, beside 1,000 variables'] = rate(() => play(assigning, loaded));
const few = { ...initialFrame('', undefined, { v1: 'x'.repeat(1000) }) };
perSecond['in JSONata that reads one variable, beside none'] = rate(() => play(jsonataReading, few));
perSecond['in JSONata that reads one variable, beside 999'] = rate(() => play(jsonataReading, loaded));
const copies = rate(() => (JSON.parse(JSON.stringify(copied)), 1));
const rounded = (value) => Math.round(value).toLocaleString('en');
report('The pure interpreter, on one core', [
  ...Object.entries(perSecond).map(
    ([what, value]) =>
      `${what}: ${rounded(value)} transitions/s (${(value / copies).toFixed(2)} per JSON copy of a frame)`,
  ),
  `JSON copies of a frame: ${rounded(copies)}/s`,
]);
