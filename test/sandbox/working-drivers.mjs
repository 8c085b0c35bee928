import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The isolating drivers that this machine lets us use, the best first. Needs `dist/`. */
export async function workingDrivers() {
  const lib = await import(pathToFileURL(join(import.meta.dirname, '../../dist/libs/sandbox/src/index.js')).href);
  const found = [];
  for (const driver of ['oci', 'bubblewrap']) {
    const opened = await lib.openSandbox({ driver }).catch(() => undefined);
    await opened?.sandbox.close();
    if (opened) found.push(driver);
  }
  return found;
}
