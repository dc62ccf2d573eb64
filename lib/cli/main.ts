#!/usr/bin/env node
import { ConvforgeError } from '../errors.js';
import { nearest } from '../suggestions.js';
import { buildCommand } from './build-command.js';
import { compareCommand } from './compare-command.js';
import { explainCommand } from './explain.js';
import { info } from './info.js';
import { Interrupted } from './train.js';
import { trainCommand } from './train-command.js';
import { UsageError } from './usage-error.js';

const COMMANDS: Record<string, (args: readonly string[]) => void | Promise<void>> = {
  train: trainCommand,
  compare: (args) => compareCommand(args),
  explain: (args) => explainCommand(args),
  info: (args) => info(args),
  build: (args) => buildCommand(args),
};

const HELP = `Usage: convforge <command> [options]

  train     trains LeNet on Fashion-MNIST or MNIST
  compare   measures native code beside JavaScript: TF.js, ConvNetJS and others
  explain   shows how a saved model is computed
  info      shows what computes on this machine
  build     compiles the native addon from source

convforge <command> --help shows its options.
`;

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--help') {
    process.stdout.write(HELP);
    return;
  }
  if (name === undefined) throw new UsageError(`there is no command; try --help`);
  if (!Object.hasOwn(COMMANDS, name)) {
    const near = nearest(name, Object.keys(COMMANDS));
    throw new UsageError(
      `there is no command '${name}'; ${near === undefined ? 'try --help' : `did you mean '${near}'?`}`,
    );
  }
  await COMMANDS[name](args);
}

/** Prints the error. Returns the exit code: 2 for a usage error, 130 after Ctrl-C, otherwise 1. */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`convforge: ${error.message}`);
    return 2;
  }
  if (error instanceof Interrupted) {
    console.error(`convforge: ${error.message}`);
    return 130;
  }
  // Any other error is a bug, so its stack is printed.
  if (!(error instanceof ConvforgeError)) {
    console.error(error);
    return 1;
  }
  if (error.code === 'ABORTED') {
    console.error('convforge: interrupted; nothing was saved');
    return 130;
  }
  console.error(`convforge: ${error.message} (${error.code})`);
  return 1;
}

main(process.argv.slice(2)).catch((error) => {
  process.exitCode = report(error);
});
