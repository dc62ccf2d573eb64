import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { compare } from '../compare/compare.js';
import { comparePage } from '../compare/page.js';
import { reportText } from '../compare/text.js';
import { writeAtomically } from '../io/write-files.js';
import { write } from '../report/index.js';
import { addCommand, type CommandContext } from './command.js';
import { text, wholeNumber } from './option-values.js';

interface CompareFlags {
  quick?: boolean;
  /** true: to standard output, instead of the tables. */
  json?: string | true;
  out: string;
  seed: number;
}

/** Adds `convforge compare`. Its action rejects with ADDON_UNAVAILABLE; IO_ERROR; ABORTED. */
export function addCompare(program: Command, context: CommandContext): void {
  addCommand(program, {
    usage: 'compare',
    summary: 'measures native code beside JavaScript: TF.js, ConvNetJS and others',
    description:
      'Measures how much faster native code trains and runs a LeNet than JavaScript, on this machine. All libraries that are installed in this folder take part: TF.js (cpu, wasm, node), ConvNetJS, onnxruntime-node, and PyTorch of python3. convforge computes with each instruction set, on one thread and on all, and with its reference engine in TypeScript. Before any timing, all must give the same outputs and losses from the same weights and images.',
    examples: [
      ['npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm', 'gets the libraries to compare with'],
      ['convforge compare --quick', 'tables, and a page with charts'],
      ['convforge compare --json results.json', 'the results as JSON, too'],
    ],
    notes:
      'Nothing else should run meanwhile. Ratios are within one run: compare them, rather than speeds of two runs.',
  })
    .option('--quick', 'within two minutes, instead of ten')
    .option('--json [file]', 'the results as JSON, to a file or instead of the tables', text('json'))
    .option('--out <file>', 'the page with charts', text('out'), path.join('convforge-out', 'compare.html'))
    .option('--seed <n>', 'draws weights and images', wholeNumber('seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .action((flags: CompareFlags) => runCompare(flags, context));
}

/** An abort first stops the processes that measure. */
async function runCompare(
  { quick = false, json, out, seed }: CompareFlags,
  { signal, print }: CommandContext,
): Promise<void> {
  const report = await compare({
    isQuick: quick,
    seed,
    command: ['convforge', ...process.argv.slice(2)].join(' '),
    cwd: process.cwd(),
    log: (line) => process.stderr.write(`${line}\n`),
    signal,
  });
  const results = JSON.stringify(report, null, 2);
  // First of all, so that a file that can't be written doesn't lose it.
  print(json === true ? results : reportText(report));
  if (typeof json === 'string') await writeAtomically(json, (temporary) => writeFile(temporary, results));
  await write(out, await comparePage(report));
  process.stderr.write(`\nwrote ${out}\n`);
}
