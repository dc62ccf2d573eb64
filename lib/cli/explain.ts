import { basename } from 'node:path';
import { loadLayersModel, loadWithoutWeights } from '../models/load-layers-model.js';
import { explainDescription } from '../models/explain.js';
import { type Explanation, formatExplanation } from '../models/index.js';
import { RUN_MODES, type RunMode } from '../program/explanation.js';
import { choice, type OptionNames, readOptions, wholeNumber } from './arguments.js';
import { readProgram } from './read-program.js';
import { UsageError } from './usage-error.js';

export const EXPLAIN_HELP = `Usage: convforge explain <model.json or program.json> [options]

Shows how a saved model is computed: the algorithm of each pass, which others were declined and why, FLOPs and memory.

  --mode <name>      ${RUN_MODES.join(', ')} (default: train for a model saved with its optimizer, else predict)
  --batch-size <n>   samples a step (default: 32)
  --profile          also run some steps on random samples, and show times and speeds; this loads the weights, too
  --threads <n>      threads to compute with (default: CONVFORGE_THREADS, OMP_NUM_THREADS, or all processors)
  --json             print it as JSON
  --program          print the program of a model instead, a file that explain takes
  --help             this text
`;

const NAMES: OptionNames = {
  mode: 'value',
  'batch-size': 'value',
  profile: 'flag',
  threads: 'value',
  json: 'flag',
  program: 'flag',
  help: 'flag',
};

/** `convforge explain`. Rejects with UsageError, or as loadLayersModel and LayersModel.explain do. */
export async function explainCommand(
  args: readonly string[],
  print: (text: string) => void = console.log,
): Promise<void> {
  const given = readOptions(args, NAMES, 'model');
  if (given.help !== undefined) {
    print(EXPLAIN_HELP.trimEnd());
    return;
  }
  if (given.model === undefined) throw new UsageError('there is no model to explain; try explain --help');
  const mode: RunMode | undefined =
    given.mode === undefined ? undefined : choice('mode', given.mode, RUN_MODES);
  const batchSize = wholeNumber('batch-size', given['batch-size'] ?? '32', 1, 1_000_000);
  if (given.threads !== undefined) {
    process.env.CONVFORGE_THREADS = String(wholeNumber('threads', given.threads, 1, 1024));
  }
  const profile = given.profile !== undefined;
  const options = { batchSize, ...(mode && { mode }) };
  const tell = (explanation: Explanation) =>
    print(given.json === undefined ? formatExplanation(explanation) : JSON.stringify(explanation, null, 2));
  const program = await readProgram(given.model);
  if (program) {
    if (profile) throw new UsageError('--profile takes a model, not its program');
    return tell(await explainDescription(basename(given.model), program, options));
  }
  const model = await (profile ? loadLayersModel : loadWithoutWeights)(given.model);
  if (given.program !== undefined) return print(JSON.stringify(model.state.describe(), null, 2));
  tell(await model.explain({ ...options, profile }));
}
