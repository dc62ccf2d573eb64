import { ConvforgeError } from '../errors.js';
import { binaryCrossentropy, sparseCategoricalCrossentropy } from '../losses/index.js';
import type { LayersModel } from '../models/index.js';
import type { Architecture } from './architectures.js';
import { adam } from '../optimizers/index.js';
import { givesLogits } from './gives-logits.js';
import { UsageError } from './usage-error.js';

/** How a compiled model takes its targets. */
export interface CompiledFor {
  /** Whether labels are given as one-hot rows, and not as class numbers. */
  isOneHot: boolean;
  classes: number;
}

export interface CompileForOptions {
  /** The architecture that made the model, if one did. */
  architecture?: Architecture;
  learningRate?: number;
  /** Steps of the whole training. */
  totalSteps?: number;
  /** Told if the model is compiled here. */
  say: (line: string) => void;
}

/**
 * Compiles a model for data of these classes, unless it is compiled already, and tells how it takes its targets.
 * Throws SHAPE_MISMATCH if its outputs don't fit the classes; UNSUPPORTED for several outputs; UsageError.
 */
export function compileFor(
  model: LayersModel,
  { classNames: { length: classes } }: { classNames: readonly string[] },
  { architecture, learningRate, totalSteps = 1, say }: CompileForOptions,
): CompiledFor {
  const units = unitsOf(model);
  const isBinary = units === 1 && classes === 2;
  if (units !== classes && !isBinary) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${model.name} has ${units} output${units === 1 ? '' : 's'}, but the data have ${classes} classes; its last layer must have a unit for each class${classes === 2 ? ', or one' : ''}.`,
    );
  }
  if (architecture) architecture.compile(model, { learningRate, totalSteps });
  else if (model.isCompiled) setLearningRate(model, learningRate);
  else compileUsually(model, isBinary, { learningRate, say });
  const { loss } = model.compiled.outputs[0] ?? {};
  return { isOneHot: !isBinary && !loss?.kind.startsWith('sparse'), classes };
}

function unitsOf(model: LayersModel): number {
  const { outputs } = model.signature;
  const [{ shape }] = outputs;
  if (outputs.length === 1 && shape.length === 1 && shape[0] !== null) return shape[0];
  throw new ConvforgeError(
    'UNSUPPORTED',
    `${model.name} gives ${outputs.map((each) => `[${each.shape.map(String).join(', ')}]`).join(' and ')}; the command line is for models of one output, [classes].`,
  );
}

function setLearningRate(model: LayersModel, learningRate: number | undefined): void {
  if (learningRate === undefined) return;
  if (typeof model.optimizer.describe().learningRate !== 'number')
    throw new UsageError(`${model.name} has a schedule of learning rates; leave out --learning-rate`);
  model.optimizer.learningRate = learningRate;
}

function compileUsually(
  model: LayersModel,
  isBinary: boolean,
  { learningRate, say }: Pick<CompileForOptions, 'learningRate' | 'say'>,
): void {
  const fromLogits = givesLogits(model);
  const loss = (isBinary ? binaryCrossentropy : sparseCategoricalCrossentropy)({ fromLogits });
  const optimizer = learningRate === undefined ? 'adam' : adam({ learningRate });
  model.compile({ optimizer, loss, metrics: ['accuracy'] });
  say(
    `${model.name} isn't compiled: it is compiled for classification with Adam, ${loss.kind}${fromLogits ? ' of logits' : ''} and accuracy`,
  );
}
