import type { Command } from 'commander';
import type { LayersModel } from '../models/index.js';
import { loadModel } from '../models/load-model.js';
import { saveSafetensors } from '../models/safetensors-weights.js';
import { addCommand, type CommandContext } from './command.js';
import { UsageError } from './usage-error.js';

/** What can be written, by its name for --to. */
interface Target {
  name: string;
  /** What the path ends in; none for a folder. */
  ending: string;
  write(model: LayersModel, path: string, signal: AbortSignal): Promise<unknown>;
}

const TARGETS: readonly Target[] = [
  {
    name: 'model.json',
    ending: '',
    write: (model, path, signal) => model.save(path, { includeOptimizer: model.isCompiled, signal }),
  },
  { name: 'keras', ending: '.keras', write: (model, path, signal) => model.save(path, { signal }) },
  { name: 'onnx', ending: '.onnx', write: (model, path, signal) => model.save(path, { signal }) },
  { name: 'safetensors', ending: '.safetensors', write: (model, path) => saveSafetensors(model, path) },
  { name: 'weights.h5', ending: '.weights.h5', write: (model, path) => model.saveWeights(path) },
  { name: 'h5', ending: '.h5', write: (model, path, signal) => model.save(path, { signal }) },
];

const NAMES = TARGETS.map(({ name }) => name);

/** Adds `convforge convert`. */
export function addConvert(program: Command, { signal, print }: CommandContext): void {
  addCommand(program, {
    usage: 'convert <in> <out>',
    summary: 'writes a model as a file of another kind',
    description:
      'Opens a model as loadModel does and writes it as another kind of file, which the ending of <out> names: .keras, .h5, .onnx, .weights.h5 or .safetensors. Without an ending, <out> is a folder for a model.json and its weights. A file that is there already is replaced.',
    examples: [
      ['convforge convert model.keras model.onnx', 'a model of Keras for onnxruntime'],
      ['convforge convert web-model model.keras', 'a model of TensorFlow.js for Keras 3'],
      ['convforge convert web-model model --to onnx --json', 'prints the kind and the path as JSON'],
    ],
    notes: 'docs/files.md says what each kind keeps: the settings of compile, the state of the optimizer.',
  })
    .option('--to <kind>', `${NAMES.join(', ')}: adds the ending to <out> if it is missing`)
    .option('--json', 'print the kind and the path that was written as JSON')
    .action(async (from: string, out: string, { to, json }: { to?: string; json?: boolean }) => {
      const { target, path } = readTarget(out, to);
      const model = await loadModel(from, { signal });
      await target.write(model, path, signal);
      print(json ? JSON.stringify({ from, kind: target.name, path }) : `wrote ${path}`);
    });
}

/** The kind to write and the path of the file or folder. Throws UsageError for an unknown kind. */
function readTarget(out: string, to: string | undefined): { target: Target; path: string } {
  if (to !== undefined) {
    const target = TARGETS.find(({ name }) => name === to);
    if (!target) throw new UsageError(`--to must be one of ${NAMES.join(', ')}, not '${to}'`);
    return { target, path: out.toLowerCase().endsWith(target.ending) ? out : out + target.ending };
  }
  const named = TARGETS.find(({ ending }) => ending !== '' && out.toLowerCase().endsWith(ending));
  const target = named ?? TARGETS[0];
  return { target, path: out };
}
