import { basename } from 'node:path';
import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import { loadModel, loadToShow } from '../models/load-model.js';
import { explainDescription } from '../models/explain.js';
import { type Explanation, formatExplanation } from '../models/index.js';
import { RUN_MODES, type RunMode } from '../program/explanation.js';
import { addCommand, addThreads, type CommandContext } from './command.js';
import { choice, wholeNumber } from './option-values.js';
import { readProgram } from './read-program.js';
import { UsageError } from './usage-error.js';

interface ExplainFlags {
  mode?: RunMode;
  batchSize: number;
  profile?: boolean;
  json?: boolean;
  program?: boolean;
}

/** Adds `convforge explain`. */
export function addExplain(program: Command, { signal, print }: CommandContext): void {
  const command = addCommand(program, {
    usage: 'explain <model>',
    summary: 'shows how a saved model is computed',
    description:
      'Shows how a saved model (model.json, its folder, or a program) is computed: the algorithm of each pass, which others were declined and why, FLOPs and memory.',
    examples: [
      ['convforge explain convforge-out/model', 'what prediction takes'],
      ['convforge explain convforge-out/model --profile --threads 1', 'measured on one thread'],
    ],
  })
    .option(
      '--mode <name>',
      `${RUN_MODES.join(', ')} (default: train for a model saved with its optimizer, else predict)`,
      choice('mode', RUN_MODES),
    )
    .option('--batch-size <n>', 'samples a step', wholeNumber('batch-size', 1, 1_000_000), 32)
    .option(
      '--profile',
      'also run some steps on random samples, and show times and speeds; this loads the weights, too',
    )
    .option('--json', 'print it as JSON')
    .option('--program', 'print the program of a model instead, a file that explain takes');
  addThreads(command).action((path: string, flags: ExplainFlags) =>
    untilAborted(explain(path, flags, print), { signal }),
  );
}

/** Rejects with UsageError, or as loadLayersModel and LayersModel.explain do. */
async function explain(
  path: string,
  { mode, batchSize, profile = false, json, program: wantsProgram }: ExplainFlags,
  print: (text: string) => void,
): Promise<void> {
  const options = { batchSize, ...(mode && { mode }) };
  const tell = (explanation: Explanation) =>
    print(json ? JSON.stringify(explanation, null, 2) : formatExplanation(explanation));
  const program = await readProgram(path);
  if (program) {
    if (profile) throw new UsageError('--profile takes a model, not its program');
    return tell(await explainDescription(basename(path), program, options));
  }
  const model = await (profile ? loadModel(path) : loadToShow(path));
  if (wantsProgram) return print(JSON.stringify(model.state.describe(), null, 2));
  tell(await model.explain({ ...options, profile }));
}
