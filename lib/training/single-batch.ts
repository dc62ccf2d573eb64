import { elementCount } from '../layers/shapes.js';
import type { Compiled } from '../network/compile.js';
import { trainedWeights } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { OptionChecks, show, unknownName } from '../options.js';
import { sampleShapes } from '../program/samples.js';
import { nextSeed } from '../random/index.js';
import { Tensor, toTensor, type TensorLike } from '../tensor/index.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import { warn } from '../warnings.js';
import { type LabelledData, labelledSource, withLabelledSamples } from './labelled-data.js';
import { toScores } from './logs.js';
import { adviseOnLosses } from './loss-advice.js';
import { findNonFinite } from './non-finite.js';
import { untilPrepared } from './prepared.js';
import { epochOrder } from './shuffle.js';

/** Result of {@link LayersModel.gradients}. */
export interface BatchGradients {
  /** The batch's mean loss. */
  loss: number;
  /** Gradient of the loss for each trainable weight, by the weight's name, such as "conv2d_1/kernel". */
  gradients: Record<string, Tensor>;
}

/** Gradients of the mean loss over all given samples: see LayersModel.gradients. */
export async function gradients(model: Model, data: LabelledData): Promise<BatchGradients> {
  const { state } = model;
  const preparing = untilPrepared(state, undefined);
  if (preparing) await preparing;
  const claim = state.beginTraining();
  try {
    const source = labelledSource(model, data);
    const seed = nextSeed();
    const result = await withLabelledSamples(state.engine, source, (sets) =>
      state.programToTrain(sampleShapes(source.x)).gradients({ ...sets, seed }),
    );
    const named = trainedWeights(model).map(({ name, shape, programIndex }) => [
      name,
      new Tensor(result.gradients[programIndex], shape, 'float32'),
    ]);
    return { loss: result.totals.loss / result.totals.samples, gradients: Object.fromEntries(named) };
  } finally {
    await claim.end();
  }
}

/** One optimizer step with given gradients: see LayersModel.applyGradients. */
export async function applyGradients(
  model: Model,
  gradients: Readonly<Record<string, TensorLike>>,
): Promise<void> {
  const checks = new OptionChecks('applyGradients');
  const trained = trainedWeights(model);
  const names = trained.map(({ name }) => name);
  if (gradients === null || typeof gradients !== 'object')
    checks.fail(
      'INVALID_ARGUMENT',
      `gradients are ${show(gradients)}; give an object of gradients by weight name.`,
    );
  const unknown = Object.keys(gradients).find((name) => !names.includes(name));
  if (unknown !== undefined) checks.fail('UNKNOWN_OPTION', unknownName('weight', unknown, names));
  const { state } = model;
  const preparing = untilPrepared(state, undefined);
  if (preparing) await preparing;
  const claim = state.beginTraining();
  try {
    const program = state.programToTrain();
    const values = state.weightStores.flatMap((store) =>
      store.specs.map(({ shape }) => new Float32Array(elementCount(shape))),
    );
    for (const { name, shape, programIndex } of trained) {
      if (!Object.hasOwn(gradients, name))
        checks.fail('INVALID_ARGUMENT', `there is no gradient for '${name}'.`);
      const tensor = toTensor(gradients[name], name);
      if (!sameShape(tensor.shape, shape))
        checks.fail(
          'SHAPE_MISMATCH',
          `the gradient of ${name} is ${showShape(tensor.shape)}; it must be ${showShape(shape)}.`,
        );
      values[programIndex].set(tensor.dataSync());
    }
    await program.applyGradients(values);
  } finally {
    await claim.end();
  }
}

/** Compilations whose last trainOnBatch had a non-finite loss; they have warned already. */
const warned = new WeakSet<Compiled>();

/** One training step on all given samples: see LayersModel.trainOnBatch. */
export async function trainOnBatch(model: Model, data: LabelledData): Promise<number[]> {
  const { state, compiled } = model;
  const preparing = untilPrepared(state, undefined);
  if (preparing) await preparing;
  const claim = state.beginTraining();
  try {
    const source = labelledSource(model, data);
    adviseOnLosses(model);
    const batchSize = source.count;
    const seed = nextSeed();
    const order = epochOrder(batchSize, seed, 0, false);
    const stopAtNonFinite = !warned.has(compiled);
    const totals = await withLabelledSamples(state.engine, source, (sets) =>
      state
        .programToTrain(sampleShapes(source.x))
        .train({ ...sets, batchSize, order, seed, stopAtNonFinite }),
    );
    if (totals.firstNonFinite === undefined) warned.delete(compiled);
    else if (stopAtNonFinite) {
      warned.add(compiled);
      const { description } = await findNonFinite(model, source.x, order);
      warn(`${model.name}: the loss of trainOnBatch is not a finite number: ${description}.`);
      await state.programToTrain(sampleShapes(source.x)).makeStep();
    }
    return toScores(totals, compiled);
  } finally {
    await claim.end();
  }
}
