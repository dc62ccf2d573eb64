#!/usr/bin/env node
import { ConvforgeError } from '../errors.js';
import { nearest } from '../suggestions.js';
import { explainCommand } from './explain.js';
import { info } from './info.js';
import { trainCommand } from './train-command.js';
import { UsageError } from './usage-error.js';

const COMMANDS: Record<string, (args: readonly string[]) => void | Promise<void>> = {
  train: trainCommand,
  explain: (args) => explainCommand(args),
  info: (args) => info(args),
};

const HELP = `Usage: convforge <command> [options]

  train     trains LeNet on Fashion-MNIST or MNIST
  explain   tells how a saved model is computed
  info      tells what computes on this machine

convforge <command> --help tells of its options.
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

/** Tells what went wrong. Returns the exit code: 2 for the command line, 130 after Ctrl-C, otherwise 1. */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`convforge: ${error.message}`);
    return 2;
  }
  // What isn't foreseen is a bug, whose stack is wanted.
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
