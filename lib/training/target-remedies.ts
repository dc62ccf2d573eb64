import type { Layer } from '../layers/base-layer.js';
import { Dense } from '../layers/core/dense.js';
import { sameShape, showShape } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import type { LossDescription, Shape } from '../program/description.js';

/** What probably mends targets whose samples have the shape `given` instead of that of the outputs; ends the sentence. */
export function shapeRemedy(given: Shape, outputShape: Shape, loss: LossDescription, model: Model): string {
  const classes = outputShape[outputShape.length - 1];
  const rows = outputShape.slice(0, -1);
  const hasClasses = sameShape(given, rows) || sameShape(given, [...rows, 1]);
  if (loss.kind === 'sparseCategoricalCrossentropy' && sameShape(given, outputShape))
    return "; for one-hot targets use the loss 'categoricalCrossentropy'.";
  if (loss.kind === 'categoricalCrossentropy' && hasClasses)
    return `; for whole-number classes use the loss 'sparseCategoricalCrossentropy', or oneHot(labels, ${classes}).`;
  if (loss.kind === 'binaryCrossentropy' && hasClasses)
    return `; for one class of ${classes} a sample use the loss 'sparseCategoricalCrossentropy', for a yes or no 1 unit.`;
  // The other way round a sample has more axes than the model gives.
  const dense = given.length < outputShape.length ? denseOnAxes(model) : undefined;
  if (dense)
    return `; '${dense.name}' works on the last axis of ${showShape(dense.input.sampleShape)} alone: put layers.flatten(), or a global pooling, before it.`;
  return '.';
}

/** The first dense layer whose samples have several axes. */
function denseOnAxes(model: Model): { name: string; input: Layer['output'] } | undefined {
  for (const { layer, inputs } of model.sorted) {
    const [input] = inputs;
    if (layer instanceof Dense && input.sampleShape.length > 1) return { name: layer.name, input };
  }
  return undefined;
}
