import { LanesService } from '@app/engine';
import { LaneFrame } from '@app/worker-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { CallRecordsService } from './call-records.service.js';
import type { Outcome } from './lane-link.js';
import type { FunctionVersion } from '../functions/function-version.js';

let engine: TestEngine;
let lanes: LanesService;
let version: FunctionVersion;
beforeAll(async () => {
  engine = await createEngine();
  lanes = engine.app.get(LanesService, { strict: false });
  const files = { 'index.mjs': 'export const handler = () => 1' };
  await engine.functions.deploy('default', { name: 'f', runtime: 'nodejs', files });
  version = await engine.functions.get('default', 'f');
});
afterAll(() => engine.close());

/** An executor's end of a lane, with one warm instance of the function. */
function openLane() {
  const pushed: { number: number; id: string }[] = [];
  const lane = lanes.connect({
    executorId: uuid(),
    send: (type, number, head) => {
      if (type === LaneFrame.Call) pushed.push({ number, id: (JSON.parse(head) as { id: string }).id });
    },
    close: () => lane.closed(),
  })!;
  const tell = (type: number, call: number, head: unknown = {}, body = '') =>
    lane.receive({ type, call, head: JSON.stringify(head), body: Buffer.from(body) });
  tell(LaneFrame.Warm, 0, { ref: 1, versionId: version.id, namespace: 'default', instances: 1 });
  const answer = (number: number, output: string) =>
    tell(LaneFrame.Ended, number, { status: 'SUCCEEDED', usage: { wallMs: 1, cpuMs: 1 } }, output);
  return { pushed, tell, answer, close: () => lane.closed() };
}

const call = (event = '{}') =>
  new Promise<Outcome>((resolve) => {
    const createdAt = performance.now();
    lanes.call({ id: uuid(), namespace: 'default', version, event: Buffer.from(event), createdAt }, resolve);
  });

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a call over the fast lane', () => {
  it('is offered again to an executor that had no room, however often others are declined meanwhile', async () => {
    const lane = openLane();
    const calls = [call(), call()];
    lane.tell(LaneFrame.Declined, lane.pushed[0]!.number);
    await new Promise((resolve) => setTimeout(resolve, 10));
    lane.tell(LaneFrame.Declined, lane.pushed[1]!.number);
    await until(() => lane.pushed.length === 4);
    for (const { number } of lane.pushed.slice(2)) lane.answer(number, '1');
    expect(await Promise.all(calls)).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'SUCCEEDED' }]);
    lane.close();
  });

  it('waits while as many are with the executor as it can take, and goes when one has ended', async () => {
    const lane = openLane();
    const calls = [call(), call(), call()];
    expect(lane.pushed).toHaveLength(2);
    lane.answer(lane.pushed[0]!.number, '"first"');
    expect(lane.pushed).toHaveLength(3);
    for (const { number } of lane.pushed.slice(1)) lane.answer(number, '2');
    const outputs = (await Promise.all(calls)).map((end) => typeof end === 'object' && end.output?.toString());
    expect(outputs).toEqual(['"first"', '2', '2']);
    lane.close();
  });

  it('has an unknown end when the connection breaks, and what only waited is declined', async () => {
    const lane = openLane();
    const calls = [call(), call(), call()];
    lane.close();
    const [first, second, third] = await Promise.all(calls);
    expect([first, second]).toMatchObject([{ error: 'Executor.Lost' }, { error: 'Executor.Lost' }]);
    expect(third).toBe('declined');
    expect(lanes.isWarm(version.id, 'default')).toBe(false);
  });

  it('goes on as a task of the queue if it became one while it waited for an instance that did not come', async () => {
    const lane = openLane();
    const one = call();
    const { number, id } = lane.pushed[0]!;
    await lanes.store(id);
    lane.tell(LaneFrame.Declined, number);
    expect(await one).toBe('queued');
    expect(await engine.invocations.get('default', id)).toMatchObject({ status: 'RUNNING' }); // Until it is handed back.
    lane.close();
  });

  it('is stored with the bytes that came, also beside one whose result cannot be kept', async () => {
    const lane = openLane();
    const results = ['{"bb":3,"a":1}', '"\\u0000"', 'no json', `no json of ${'much'.repeat(100_000)}`];
    for (const result of results) {
      const one = call('{"n":2}');
      lane.answer(lane.pushed.at(-1)!.number, result);
      await one;
    }
    const [good, ...bad] = lane.pushed;
    const { payload, output } = await engine.invocations.get('default', good!.id);
    expect({ payload, output: JSON.stringify(output) }).toEqual({ payload: { n: 2 }, output: results[0] });
    for (const { id } of bad)
      expect(await engine.invocations.get('default', id)).toMatchObject({
        status: 'SUCCEEDED',
        payload: expect.stringContaining('cannot store'),
      });
    lane.close();
  });

  it('has the lines that came last, though the process ends', async () => {
    const lane = openLane();
    const one = call();
    const { number, id } = lane.pushed[0]!;
    lane.answer(number, '1');
    await one;
    await lanes.settleRecord(id);
    const records = engine.app.get(CallRecordsService, { strict: false });
    records.addLines(id, [{ stream: 'stdout', line: 'the last words', atMs: Date.now() }]);
    await records.beforeApplicationShutdown();
    expect(await engine.invocations.listLogs('default', id, '0', 10)).toMatchObject([{ line: 'the last words' }]);
    lane.close();
  });
});
