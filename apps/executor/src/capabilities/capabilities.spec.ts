import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { encoderTrials, listed } from './codecs.js';
import { tryAll } from './codec-trials.js';
import { gpuChoice } from './gpu-choice.js';
import { readNvidiaGpus } from './nvidia-gpus.js';

const dir = mkdtempSync(join(tmpdir(), 'spool-capabilities-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('what nvidia-smi says', () => {
  it('becomes one GPU for each line that names one', () => {
    const text =
      '0, GPU-5c9a, NVIDIA H100 80GB HBM3, 81559, 550.54.15\n1, GPU-77, NVIDIA L4, 23034, [N/A]\nNo devices were found\n\n';
    // Fields in the order in which they are asked for: index, uuid, name, memory, driver.
    expect(readNvidiaGpus(text)).toEqual([
      { index: '0', uuid: 'GPU-5c9a', model: 'NVIDIA H100 80GB HBM3', memoryMb: 81_559, driver: '550.54.15' },
      { index: '1', uuid: 'GPU-77', model: 'NVIDIA L4', memoryMb: 23_034, driver: '[N/A]' },
    ]);
  });
});

describe('SPOOL_GPUS', () => {
  it('simulates as many devices as it says, and names each as a simulation', () => {
    expect(gpuChoice.parse('simulated:2x80000')).toMatchObject({
      kind: 'simulated',
      gpus: [{ uuid: 'GPU-SIMULATED-0', memoryMb: 80_000, isSimulated: true }, { uuid: 'GPU-SIMULATED-1' }],
    });
    expect(gpuChoice.parse(undefined)).toEqual({ kind: 'auto' });
    expect(gpuChoice.safeParse('simulated:two').error?.issues[0]?.message).toMatch(/^must be auto, none or simulated:/);
  });
});

describe('a codec', () => {
  it('is tried only if the build has it', () => {
    const built = listed('Encoders:\n V..... = Video\n ------\n V....D libx264    H.264\n A....D aac     AAC\n');
    expect([...built]).toEqual(['libx264', 'aac']);
    expect(encoderTrials(built).map(({ codec }) => codec)).toEqual(['libx264', 'aac']);
  });

  it('counts if it has worked, whatever the build says', async () => {
    const program = join(dir, 'ffmpeg');
    writeFileSync(
      program,
      `#!/bin/sh
      case "$*" in
        *-encoders) printf ' V....D libx264  x\\n V....D h264_nvenc  x\\n';;
        *-decoders) printf ' V....D h264  x\\n V....D h264_cuvid  x\\n';;
        *"-c:v h264_nvenc"*|*"-c:v h264_cuvid"*) exit 1;;
      esac`,
      { mode: 0o755 },
    );
    expect(await tryAll(program, new AbortController().signal)).toEqual({ encoders: ['libx264'], decoders: ['h264'] });
  });
});
