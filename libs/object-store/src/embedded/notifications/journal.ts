import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectNotification } from '../../object-notifications.js';
import type { Durable } from '../storage/durable.js';

/** Notifications that are not yet delivered, a file each, named so that they sort in order. */
export class Journal {
  constructor(
    private readonly dir: string,
    private readonly durable: Durable,
  ) {}

  async write(notification: ObjectNotification): Promise<void> {
    try {
      await this.durable.create(this.pathOf(notification), JSON.stringify(notification));
      await this.durable.syncFolder(this.dir);
    } catch (error) {
      await this.remove(notification);
      throw error;
    }
  }

  /** Not synced: should the machine crash, it is delivered again. */
  async remove(notification: ObjectNotification): Promise<void> {
    await unlink(this.pathOf(notification)).catch(ignoreMissing);
  }

  async readAll(): Promise<ObjectNotification[]> {
    const notifications: ObjectNotification[] = [];
    for (const fileName of (await readdir(this.dir)).toSorted()) {
      const path = join(this.dir, fileName);
      const notification = parse(await readFile(path, 'utf8'));
      if (notification) notifications.push(notification);
      else await unlink(path);
    }
    return notifications;
  }

  private pathOf({ sequencer }: ObjectNotification): string {
    return join(this.dir, `${sequencer}.json`);
  }
}

/** A half-written one is of a change that hadn't begun. */
function parse(text: string): ObjectNotification | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const ignoreMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};
