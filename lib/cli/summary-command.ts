import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import type { LayersModel } from '../models/index.js';
import { loadToShow } from '../models/load-model.js';
import { findArchitecture, listArchitectures } from './architectures.js';
import { addCommand, type CommandContext } from './command.js';
import { buildNamedModel, loadNamedModel } from './load-model.js';
import { imageSize, wholeNumber } from './option-values.js';
import { MODULE_NAME } from './user-module.js';

interface SummaryFlags {
  imageSize?: [number, number];
  channels: number;
  classes: number;
  json?: boolean;
}

/** Adds `convforge summary`. */
export function addSummary(program: Command, { signal, print }: CommandContext): void {
  addCommand(program, {
    usage: 'summary <model>',
    summary: 'shows the layers of a model, their shapes and weights',
    description:
      'Shows the layers, output shapes and weights of a saved model (model.json or its folder, .keras, .h5, .onnx), of a built-in architecture, or of a file that exports a model.',
    examples: [
      ['convforge summary convforge-out/model', 'of a saved model; its weights are not read'],
      [
        'convforge summary resnet18 --image-size 32x32 --channels 3',
        'of an architecture, for images of this size',
      ],
    ],
    notes: `Architectures:\n${listArchitectures()}`,
  })
    .option(
      '--image-size <HxW>',
      'height and width in pixels, for a model yet to build (default: 28x28)',
      imageSize('image-size'),
    )
    .option('--channels <n>', 'channels, for a model yet to build', wholeNumber('channels', 1, 10_000), 1)
    .option('--classes <n>', 'classes, for a model yet to build', wholeNumber('classes', 1, 1_000_000), 10)
    .option('--json', 'print it as JSON')
    .action(async (name: string, flags: SummaryFlags) => {
      const model = await untilAborted(modelOf(name, flags), { signal });
      if (flags.json) print(JSON.stringify(describe(model)));
      else model.summary(undefined, undefined, print);
    });
}

async function modelOf(
  name: string,
  { imageSize: size = [28, 28], channels, classes }: SummaryFlags,
): Promise<LayersModel> {
  const shape = { inputShape: [...size, channels], classes };
  const architecture = findArchitecture(name);
  if (architecture) return architecture.build(shape);
  if (!MODULE_NAME.test(name)) return loadToShow(name);
  const named = await loadNamedModel(name);
  return named.kind === 'architecture' ? named.architecture.build(shape) : buildNamedModel(named, shape);
}

function describe(model: LayersModel): unknown {
  const parameters = model.countParams();
  return {
    name: model.name,
    inputs: model.signature.inputs,
    outputs: model.signature.outputs,
    parameters,
    layers: model.layers.map((layer) => ({
      name: layer.name,
      className: layer.getClassName(),
      outputShapes: layer.outputs.map(({ shape }) => shape),
      parameters: layer.countParams(),
    })),
  };
}
