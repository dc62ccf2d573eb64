import { Command, CommanderError } from 'commander';
import { nearest } from '../suggestions.js';
import { VERSION } from '../version.js';
import { addBench } from './bench-command.js';
import { addBuild } from './build-command.js';
import type { CommandContext } from './command.js';
import { addCompare } from './compare-command.js';
import { addConvert } from './convert-command.js';
import { addDatasets } from './datasets-command.js';
import { addEvaluate } from './evaluate-command.js';
import { addExplain } from './explain.js';
import { addInfo } from './info.js';
import { addInspect } from './inspect-command.js';
import { addPredict } from './predict-command.js';
import { addSummary } from './summary-command.js';
import { addTrain } from './train-command.js';
import { UsageError } from './usage-error.js';

/** Adds one command. */
type AddCommand = (program: Command, context: CommandContext) => void;

const COMMANDS: readonly AddCommand[] = [
  addTrain,
  addEvaluate,
  addPredict,
  addSummary,
  addInspect,
  addConvert,
  addExplain,
  addCompare,
  addBench,
  addInfo,
  addDatasets,
  addBuild,
];

function makeProgram(context: CommandContext): Command {
  const program = new Command('convforge')
    .description('Trains convolutional networks on images, on the processor.')
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this text')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    // Errors are told by main.ts.
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', '\nconvforge <command> --help teaches a command, with examples.');
  for (const add of COMMANDS) add(program, context);
  return program;
}

/** Runs the command of a command line. Rejects with UsageError, and as the command does. */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<void> {
  const program = makeProgram(context);
  if (args.length === 0) throw new UsageError('there is no command; try --help');
  // Help would be shown for any command otherwise.
  const names = program.commands.map((each) => each.name());
  if (!args[0].startsWith('-') && !names.includes(args[0])) throw new UsageError(noCommand(args[0], names));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UsageError(describe(error, args, program));
  }
}

/** The message of an error of the parser, with the nearest name that there is. */
function describe({ code, message }: CommanderError, args: readonly string[], program: Command): string {
  const command = program.commands.find((each) => each.name() === args[0]);
  const help = `try ${command ? `${command.name()} ` : ''}--help`;
  const [, name = ''] = /'([^']*)'/.exec(message) ?? [];
  switch (code) {
    case 'commander.unknownOption': {
      const flag = name.replace(/=.*/, '');
      // In camel case, since other libraries' names are known in it: lr is learningRate.
      const { options } = command ?? program;
      const names = options.map((option) => option.attributeName());
      const hyphens = (each: string) => each.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
      if (options.some(({ long }) => long === flag)) return `${flag} takes no value; ${help}`;
      const near = suggest(flag.replace(/^-+/, ''), [...names, 'help'], (each) => `--${hyphens(each)}`);
      return `there is no option ${flag}; ${near ?? help}`;
    }
    case 'commander.optionMissingArgument':
      return `${name.replace(/.*(--[\w-]+).*/, '$1')} needs a value`;
    case 'commander.missingArgument':
      return `<${name}> is missing; ${help}`;
  }
  return `${message.replace(/^error: /, '').replace(/\.$/, '')}; ${help}`;
}

function noCommand(name: string, names: readonly string[]): string {
  return `there is no command '${name}'; ${suggest(name, names, (near) => `'${near}'`) ?? 'try --help'}`;
}

function suggest(word: string, names: readonly string[], show: (near: string) => string): string | undefined {
  const near = nearest(word, names);
  return near === undefined ? undefined : `did you mean ${show(near)}?`;
}
