import { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import type { Inferred, Layer } from './base-layer.js';
import { isKnown, type SampleShape, sameShape, showShape } from './shapes.js';
import { shapesAt, type SymbolicTensor } from './symbolic-tensor.js';
import { assumeSize, commonShape, trySizes } from './unknown-sizes.js';
import type { WeightSpec } from './weight-store.js';

/** For one use, in layers before it: enough to try all sizes in a model of 500 layers. A file may have more, and fit none. */
const MOST_INFERENCES = 100_000;

/** What follows for a use of a layer. */
export interface InferredUse {
  /** Of a sample of each output. */
  shapes: readonly SampleShape[];
  weights: readonly WeightSpec[];
}

/** Shapes and weights of a layer that is applied to these values. Throws what its `infer` throws, or SHAPE_MISMATCH. */
export function inferUse(layer: Layer, tensors: readonly SymbolicTensor[]): InferredUse {
  const known = tensors.map(({ sampleShape }) => sampleShape);
  if (known.every(isKnown)) {
    const { outputs, weights } = layer.infer(known);
    return { shapes: outputs, weights };
  }
  const effort = { left: MOST_INFERENCES };
  const inferAt = (size: number) => {
    const shapes = shapesAt(tensors, size, effort);
    return shapes && layer.infer(shapes);
  };
  const found = trySizes(inferAt, () => failNowhere(layer));
  checkWeightsAlike(layer, found);
  const all = [...found.values()];
  const [{ outputs, weights }] = all;
  return { shapes: outputs.map((_, i) => commonShape(all.map((each) => each.outputs[i]))), weights };
}

/** Shape of an output for inputs of these shapes, by `infer`, which takes known ones. */
export function inferShape(
  layer: Layer,
  inputShapes: readonly SampleShape[],
  infer: (inputShapes: readonly Shape[]) => Shape,
): SampleShape {
  if (inputShapes.every(isKnown)) return infer(inputShapes);
  const inferAt = (size: number) => infer(inputShapes.map((shape) => assumeSize(shape, size)));
  return commonShape([...trySizes(inferAt, () => failNowhere(layer)).values()]);
}

/** Weights must not depend on what isn't known. */
function checkWeightsAlike(layer: Layer, found: ReadonlyMap<number, Inferred>): void {
  const [[size, { weights }], ...others] = found;
  for (const [i, { name, shape }] of weights.entries()) {
    const other = others.find(([, inferred]) => !sameShape(inferred.weights[i].shape, shape));
    if (!other) continue;
    const [otherSize, inferred] = other;
    checksOf(layer).fail(
      'SHAPE_MISMATCH',
      `its ${name} depends on sizes that the model's input leaves open: it would be ${showShape(shape)} if they were ${size}, and ${showShape(inferred.weights[i].shape)} if they were ${otherSize}. Give these sizes in inputShape, or put a global pooling layer before it.`,
    );
  }
}

function failNowhere(layer: Layer): never {
  return checksOf(layer).fail(
    'SHAPE_MISMATCH',
    "no sizes were found that fit all layers before it; give the input's sizes in inputShape.",
  );
}

function checksOf({ name }: Layer): OptionChecks {
  return new OptionChecks(name, name);
}
