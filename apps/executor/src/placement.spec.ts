import { describe, expect, it } from '@jest/globals';
import type { Assignment } from '@app/worker-api';
import {
  drained,
  gateway,
  nodejs,
  resultOf,
  shell,
  startExecutor,
  stopExecutor,
  until,
} from '../testing/executor-harness.js';

const SHOW = 'printf "%s/%s/%s" "$CUDA_VISIBLE_DEVICES" "$NVIDIA_VISIBLE_DEVICES" "$SPOOL_GPUS"';
const resources = (more: Partial<Assignment['resources']>) => ({ memoryMb: 64, vcpu: 0.1, ...more });

const ofGpu = async (name: string): Promise<Assignment> => {
  const code = await nodejs(`export const handler = () => '${name}'`);
  return gateway.give({ function: { ...code, name }, resources: resources({ gpus: 1 }) });
};
const waits = (name: string) => gateway.instances.some((one) => one.function === name && one.state === 'idle');

const write = (mb: number) => shell(`head -c ${mb}000000 /dev/zero > "$TMPDIR/made"; sleep 2; echo written`);

async function seen(task: Assignment): Promise<unknown> {
  const result = await resultOf(task);
  return result.status === 'SUCCEEDED' ? (result.output as { stdout: string }).stdout : result;
}

describe('an executor with GPUs', () => {
  it('shows a task the devices that it was allotted, each to one at a time, and hides them from the others', async () => {
    await stopExecutor();
    await startExecutor({ SPOOL_GPUS: 'simulated:2x80000', SPOOL_EXECUTOR_SLOTS: '4' });
    const [first, second] = [1, 2].map(() =>
      gateway.give({ function: shell(`${SHOW}; sleep 0.5`), resources: resources({ gpus: 1 }) }),
    ) as [Assignment, Assignment];
    const none = gateway.give({ function: shell(SHOW), resources: resources({}) });
    expect(await seen(none)).toBe('/void/0');
    expect(new Set([await seen(first), await seen(second)])).toEqual(
      new Set(['GPU-SIMULATED-0/GPU-SIMULATED-0/1', 'GPU-SIMULATED-1/GPU-SIMULATED-1/1']),
    );
  });

  it('ends a process that waits with access to a device before it gives the device to another function', async () => {
    await stopExecutor();
    await startExecutor({ SPOOL_GPUS: 'simulated:1x80000', SPOOL_WARM_IDLE_SECONDS: '60' });
    expect(await resultOf(await ofGpu('first'))).toMatchObject({ output: 'first' });
    await until(() => waits('first'));
    expect(await resultOf(await ofGpu('second'))).toMatchObject({ output: 'second' });
    await until(() => waits('second'));
    expect(waits('first')).toBe(false);
  });

  it('declares them, as what they are', async () => {
    await stopExecutor();
    await startExecutor({ SPOOL_GPUS: 'simulated:1x24000', SPOOL_ENCODER_SESSIONS: '3' });
    const declared = await until(() => gateway.declared.find(({ abilities }) => abilities?.gpus));
    expect(declared).toMatchObject({
      capacity: { encoderSessions: 3, gpus: [{ memoryMb: 24_000, isWhole: true }] },
      abilities: { gpus: [{ model: 'Simulated GPU', isSimulated: true }] },
    });
  });
});

const sparse = (size: string) =>
  gateway.give({
    function: shell(`mkdir -p "$SPOOL_OUTPUT_ALL"; for f in a b; do truncate -s ${size} "$SPOOL_OUTPUT_ALL/$f"; done`),
    outputs: [{ name: 'all', bucket: 'b', key: 'made/' }],
    resources: resources({ diskMb: 1 }),
  });

describe('a task that asks for disk', () => {
  it('may fill what it has asked for; another only the share that all have', async () => {
    await stopExecutor();
    await startExecutor({ SPOOL_TASK_DISK_MB: '4', SPOOL_EXECUTOR_DISK_MB: '100' });
    const asks = gateway.give({ function: write(20), resources: resources({ diskMb: 50 }) });
    const plain = gateway.give({ function: write(20), resources: resources({}) });
    expect(await resultOf(asks)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await resultOf(plain)).toMatchObject({ status: 'FAILED', usage: { ending: 'disk' } });
    expect(gateway.declared.at(-1)).toMatchObject({ capacity: { diskMb: 100, diskShareMb: 4 } });
  });

  it('gives no outputs that are longer together, though they have holes and take no room', async () => {
    const long = { error: 'Function.DiskFull', cause: expect.stringContaining('all/') as unknown };
    expect(await resultOf(sparse('600K'))).toMatchObject(long);
    expect(await resultOf(sparse('60K'))).toMatchObject({ outputs: [{ size: 61_440 }, { size: 61_440 }] });
  });
});

describe('what has no room', () => {
  it('is handed back, and is not begun', async () => {
    const task = gateway.give({ function: shell('echo begun'), resources: resources({ memoryMb: 10_000_000 }) });
    await until(() => gateway.handedBack.length > 0);
    expect(gateway.handedBack).toEqual([{ id: task.id, attempt: 1 }]);
    expect(gateway.linesOf.get(task.id)).toBeUndefined();
  });

  it('waits a little for what ends at once', async () => {
    await stopExecutor();
    await startExecutor({ SPOOL_EXECUTOR_MEMORY_MB: '100' });
    const first = gateway.give({ function: shell('sleep 0.3'), resources: resources({}) });
    const second = gateway.give({ function: shell('echo then'), resources: resources({}) });
    for (const task of [first, second]) expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
    expect(gateway.handedBack).toEqual([]);
  });

  it('and what a shutdown ends, goes back to the queue at once', async () => {
    const task = gateway.give({ function: shell('echo up; sleep 100') });
    await until(() => gateway.linesOf.get(task.id));
    await stopExecutor();
    expect(gateway.handedBack).toEqual([{ id: task.id, attempt: 1 }]);
    expect(gateway.taken).toEqual([]);
    await startExecutor();
  });
});

describe('an executor that the gateway asks to stop', () => {
  it('learns of it with any answer, takes no more, and leaves when it is closed', async () => {
    gateway.drains = true;
    await drained();
    await stopExecutor();
    expect(gateway.executors.size).toBe(0);
    gateway.drains = false;
    await startExecutor();
  });
});
