import { rmSync } from 'node:fs';

export default async function () {
  await globalThis.spoolTest.server.stop();
  rmSync(globalThis.spoolTest.dir, { recursive: true, force: true });
}
