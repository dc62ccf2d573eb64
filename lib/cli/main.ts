#!/usr/bin/env node
import { ConvforgeError } from '../errors.js';
import { Interrupted, Interrupts } from './interrupts.js';
import { runProgram } from './program.js';
import { UsageError } from './usage-error.js';

const interrupts = new Interrupts();

/** Prints the error. Returns the exit code: 2 for a usage error, otherwise 1. */
function report(error: unknown): number {
  // Any error that isn't expected is a bug, so its stack is printed.
  if (error instanceof UsageError || error instanceof Interrupted) print(error.message);
  else if (!(error instanceof ConvforgeError)) console.error(error);
  else if (error.code === 'ABORTED') print('interrupted; nothing was saved');
  else print(`${error.message} (${error.code})`);
  return error instanceof UsageError ? 2 : 1;
}

function print(message: string): void {
  console.error(`convforge: ${message}`);
}

// A reader that has read enough, such as head, ends no training.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

async function main(): Promise<void> {
  const context = { signal: interrupts.signal, print: console.log };
  try {
    await runProgram(process.argv.slice(2), context);
  } catch (error) {
    const code = report(error);
    process.exitCode = interrupts.exitCode ?? code;
    // What was under way, such as a download, must not keep the process.
    if (interrupts.exitCode !== undefined) process.exit();
  }
}

main();
