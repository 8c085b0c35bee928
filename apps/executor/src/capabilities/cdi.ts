import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { Attached } from '@app/sandbox';
import { parse } from 'yaml';
import { z } from 'zod';

/** Where the Container Device Interface (CNCF) has its specifications; a later folder goes before an earlier one. */
const FOLDERS = ['/etc/cdi', '/var/run/cdi'];
const KIND = 'nvidia.com/gpu';
/** 0.3.0 is the first that tools write; what a later one than 1.1 may ask for is not known here. */
const VERSION = /^(0\.[3-9]\.\d+|1\.[01]\.\d+)$/;

const path = z.string().refine((text) => isAbsolute(text) && normalize(text) === text, 'must be an absolute path');
const node = path.refine((text) => text.startsWith('/dev/'), 'must be below /dev');
const edits = z.object({
  env: z.array(z.string().regex(/^[A-Za-z_]\w*=/)).default([]),
  deviceNodes: z.array(z.object({ path: node, hostPath: node.optional() })).default([]),
  mounts: z
    .array(z.object({ hostPath: path, containerPath: path, options: z.array(z.string()).default([]) }))
    .default([]),
  hooks: z.array(z.object({ hookName: z.string() })).default([]),
  additionalGids: z.array(z.number()).default([]),
  intelRdt: z.unknown().optional(),
  netDevices: z.unknown().optional(),
});
type Edits = z.infer<typeof edits>;

const specification = z.object({
  cdiVersion: z.string().regex(VERSION, 'is none of 0.3 to 1.1'),
  kind: z.string(),
  containerEdits: edits.prefault({}),
  devices: z.array(z.object({ name: z.coerce.string(), containerEdits: edits.prefault({}) })),
});

/** What a device brings into the sandbox of its task. */
export interface CdiDevice extends Attached {
  readonly env: Readonly<Record<string, string>>;
}

/** By the name of the GPU, which is its UUID or its number. */
export type CdiDevices = ReadonlyMap<string, CdiDevice>;

export interface CdiFound {
  readonly devices: CdiDevices;
  /** For the log: what was not read, and what is not done. */
  readonly notes: readonly string[];
}

/** Undefined for what is no specification of GPUs of NVIDIA. Throws for one that asks for what is not known here. */
export function readCdi(text: string): CdiFound | undefined {
  const written: unknown = parse(text);
  if (typeof written !== 'object' || written === null || !('kind' in written) || written.kind !== KIND)
    return undefined;
  const { containerEdits: common, devices } = specification.parse(written);
  const all = [common, ...devices.map(({ containerEdits }) => containerEdits)];
  const named = devices.map(({ name, containerEdits }) => [name, deviceOf([containerEdits, common])] as const);
  return { devices: new Map(named), notes: notDone(all) };
}

/** Of all specifications, in YAML or JSON; no devices where there is none. */
export async function findCdi(folders: readonly string[] = FOLDERS): Promise<CdiFound> {
  const devices = new Map<string, CdiDevice>();
  const notes = new Set<string>();
  for (const folder of folders) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(json|ya?ml)$/.test(name)).toSorted();
    for (const name of names) {
      try {
        const found = readCdi(await readFile(join(folder, name), 'utf8'));
        for (const [device, brings] of found?.devices ?? []) devices.set(device, brings);
        for (const note of found?.notes ?? []) notes.add(note);
      } catch (error) {
        notes.add(`CDI: ${join(folder, name)} is left out: ${sentence(error)}`);
      }
    }
  }
  return { devices, notes: [...notes] };
}

function deviceOf(all: readonly Edits[]): CdiDevice {
  return {
    devices: all.flatMap(({ deviceNodes }) =>
      deviceNodes.map(({ path: target, hostPath }) => ({ source: hostPath ?? target, target })),
    ),
    // A driver's files are there to be read, whatever they are mounted with elsewhere.
    mounts: all.flatMap(({ mounts }) =>
      mounts.map(({ hostPath, containerPath }) => ({ source: hostPath, target: containerPath })),
    ),
    env: Object.fromEntries(all.toReversed().flatMap(({ env }) => env.map(variable))),
  };
}

function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/**
 * Hooks of NVIDIA make links and run ldconfig in a root that is an image's; a sandbox here shows the machine's own
 * libraries, where the driver's installer has done that.
 */
function notDone(all: readonly Edits[]): string[] {
  const hooks = new Set(all.flatMap((each) => each.hooks.map(({ hookName }) => hookName)));
  const others = all.flatMap(({ additionalGids, intelRdt, netDevices }) => [
    ...(additionalGids.length > 0 ? ['additionalGids'] : []),
    ...(intelRdt === undefined ? [] : ['intelRdt']),
    ...(netDevices === undefined ? [] : ['netDevices']),
  ]);
  return [
    ...(hooks.size > 0
      ? [`CDI: hooks are not run (${[...hooks].join(', ')}): the machine's own libraries are shown`]
      : []),
    ...[...new Set(others)].map((name) => `CDI: ${name} is not honoured`),
  ];
}

function sentence(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
  return String(error).split('\n', 1)[0] ?? '';
}
