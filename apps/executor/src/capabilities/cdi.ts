import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the Container Device Interface (CNCF, 0.6) has its specifications. */
const FOLDERS = ['/etc/cdi', '/var/run/cdi'];
const KIND = 'nvidia.com/gpu';

const edits = z.object({
  deviceNodes: z.array(z.object({ path: z.string(), hostPath: z.string().optional() })).optional(),
});
const specification = z.object({
  kind: z.literal(KIND),
  containerEdits: edits.optional(),
  devices: z.array(z.object({ name: z.string(), containerEdits: edits })),
});

/** Device nodes by the name of the GPU, which is its UUID or its number: its own, and those that all of them need. */
export type DeviceNodes = ReadonlyMap<string, readonly string[]>;

/** Undefined for what is no specification of GPUs of NVIDIA. */
export function readCdi(text: string): DeviceNodes | undefined {
  const { data } = specification.safeParse(toJson(text));
  if (!data) return undefined;
  const common = pathsOf(data.containerEdits ?? {});
  return new Map(data.devices.map(({ name, containerEdits }) => [name, [...pathsOf(containerEdits), ...common]]));
}

/** Of the first specification in JSON (`nvidia-ctk cdi generate --format=json`); undefined where there is none. */
export async function findCdi(folders: readonly string[] = FOLDERS): Promise<DeviceNodes | undefined> {
  for (const folder of folders) {
    for (const name of (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'))) {
      const found = readCdi(await readFile(join(folder, name), 'utf8').catch(() => ''));
      if (found) return found;
    }
  }
  return undefined;
}

const pathsOf = ({ deviceNodes = [] }: z.infer<typeof edits>): string[] =>
  deviceNodes.map(({ path, hostPath }) => hostPath ?? path);

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
