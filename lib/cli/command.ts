import type { Command } from 'commander';
import { wholeNumber } from './option-values.js';

/** What all commands get. */
export interface CommandContext {
  /** Fires at Ctrl-C or SIGTERM, whose name is its reason. */
  signal: AbortSignal;
  /** Prints a line of the result. */
  print: (line: string) => void;
}

/** The texts of a command's help. */
export interface CommandTexts {
  /** The command's name, with its arguments: 'predict <model> <images...>'. */
  usage: string;
  /** One line for the list of commands. */
  summary: string;
  /** What the command does, in sentences. */
  description: string;
  /** Command lines, each with what it does. */
  examples: readonly (readonly [line: string, meaning: string])[];
  /** Whatever else a user needs to know. */
  notes?: string;
}

const EXIT_CODES = `Exit code:
  0    done
  1    failure
  2    unknown command, option or value
  130  ended by Ctrl-C
  143  ended by SIGTERM`;

/** The width of help texts, in columns. */
const WIDTH = 80;

/** Adds a command to the program. Its help ends with examples and exit codes. */
export function addCommand(program: Command, texts: CommandTexts): Command {
  const { usage, summary, description, examples, notes } = texts;
  const lines = examples.map(([line, meaning]) => `  $ ${line}\n      ${meaning}`);
  const parts = [...(notes === undefined ? [] : [notes]), `Examples:\n${lines.join('\n')}`, EXIT_CODES];
  return program
    .command(usage)
    .summary(summary)
    .description(description)
    .helpOption('-h, --help', 'show this text')
    .allowExcessArguments(false)
    .addHelpText('after', `\n${wrap(parts.join('\n\n'))}`);
}

/** Adds the option --threads, which the engine reads from the environment before it starts. */
export function addThreads(command: Command): Command {
  return command
    .option(
      '--threads <n>',
      'threads to compute with (default: CONVFORGE_THREADS, OMP_NUM_THREADS, or all processors)',
      wholeNumber('threads', 1, 1024),
    )
    .hook('preAction', (_, action) => {
      const { threads } = action.opts<{ threads?: number }>();
      if (threads !== undefined) process.env.CONVFORGE_THREADS = String(threads);
    });
}

/** Breaks lines at words. A line goes on below its text, or below the second column of a table. */
function wrap(text: string): string {
  const wrapped = text.split('\n').map((line) => {
    const [start] = /^ *(?:\S+ {2,})?/.exec(line) ?? [''];
    const lines = [start];
    for (const word of line.slice(start.length).split(' ')) {
      const last = lines[lines.length - 1];
      const isFirst = last.trim() === '' || last === start;
      if (!isFirst && last.length + 1 + word.length > WIDTH) lines.push(' '.repeat(start.length) + word);
      else lines[lines.length - 1] = isFirst ? last + word : `${last} ${word}`;
    }
    return lines.join('\n');
  });
  return wrapped.join('\n');
}
