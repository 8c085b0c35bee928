#!/usr/bin/env node
import { CommanderError } from 'commander';
import { Refused } from './api.js';
import { UsageError } from './connection.js';
import { createProgram } from './program.js';

// Who reads us may have seen enough: `spool executions list | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said already what is wrong, or has helped.
  } else if (error instanceof Refused) {
    process.stderr.write(`${error.message}\n`);
    for (const { pointer, message } of error.problem.errors ?? []) process.stderr.write(`  ${pointer}  ${message}\n`);
  } else {
    const isKnown = error instanceof UsageError;
    process.stderr.write(`${isKnown ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  }
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof UsageError ? 2 : 1;
}
