import { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import type { Inferred, Layer } from './base-layer.js';
import { checkElementCount, isKnown, type SampleShape, sameShape, showShape } from './shapes.js';
import { shapesAt, type SymbolicTensor } from './symbolic-tensor.js';
import { assumeSize, commonShape, trySizes } from './unknown-sizes.js';
import type { WeightSpec } from './weight-store.js';

/**
 * Limit of inferences for one use, in the layers before it. It suffices to try all sizes in a model of 500
 * layers, and stops files whose layers never fit.
 */
const MAX_INFERENCES = 100_000;

/** What is inferred for one use of a layer. */
export interface InferredUse {
  /** The shape of each output, without the batch. */
  shapes: readonly SampleShape[];
  weights: readonly WeightSpec[];
}

/**
 * Infers shapes and weights of a layer that is applied to these tensors. Throws SHAPE_MISMATCH, or what the
 * layer's `infer` throws.
 */
export function inferUse(layer: Layer, tensors: readonly SymbolicTensor[]): InferredUse {
  const known = tensors.map(({ sampleShape }) => sampleShape);
  if (known.every(isKnown)) {
    const { outputs, weights } = layer.infer(known);
    return { shapes: outputs, weights };
  }
  const effort = { left: MAX_INFERENCES };
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

/** Infers an output's shape. `infer` takes known shapes only. */
export function inferShape(
  layer: Layer,
  inputShapes: readonly SampleShape[],
  infer: (inputShapes: readonly Shape[]) => Shape,
): SampleShape {
  if (inputShapes.every(isKnown)) return infer(inputShapes);
  const inferAt = (size: number) => infer(inputShapes.map((shape) => assumeSize(shape, size)));
  return commonShape([...trySizes(inferAt, () => failNowhere(layer)).values()]);
}

/**
 * Checks the weights that a layer needs for an input. Throws TOO_LARGE, or SHAPE_MISMATCH unless they have
 * the shapes of the `existing` ones.
 */
export function checkWeights(
  checks: OptionChecks,
  weights: readonly WeightSpec[],
  existing: readonly WeightSpec[],
  inputShape: Shape,
): void {
  for (const { name, shape } of weights) checkElementCount(checks, `a ${name}`, shape);
  for (const [i, { name, shape }] of existing.entries()) {
    if (sameShape(shape, weights[i].shape)) continue;
    checks.fail(
      'SHAPE_MISMATCH',
      `its ${name} is ${showShape(shape)} since it was first applied, but an input of ${showShape(inputShape)} would need ${showShape(weights[i].shape)}. Use another layer.`,
    );
  }
}

/** Throws SHAPE_MISMATCH if the weights' shapes depend on unknown sizes. */
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
