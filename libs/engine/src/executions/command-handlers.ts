import type { Command } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import type { StoredFrame } from './frame.repository.js';

/**
 * Does what a frame asks for, by adding to the changes: rows, or work to be done `afterwards` in the same transaction.
 * It is called again if the turn has to be decided again, so it must not write anything itself.
 */
export type CommandHandler<Type extends Command['type'] = Command['type']> = (
  command: Extract<Command, { type: Type }>,
  frame: StoredFrame,
  changes: Changes,
) => Promise<void> | void;

/** Commands that the room `executions` knows nothing of; other rooms add what they can do. */
@Injectable()
export class CommandHandlers {
  private readonly handlers = new Map<Command['type'], CommandHandler>();

  add<Type extends Command['type']>(type: Type, handler: CommandHandler<Type>): void {
    this.handlers.set(type, handler as unknown as CommandHandler);
  }

  async handle(command: Command, frame: StoredFrame, changes: Changes): Promise<void> {
    const handler = this.handlers.get(command.type);
    if (!handler) throw new Error(`Nobody handles the command ${command.type}`);
    await handler(command, frame, changes);
  }
}
