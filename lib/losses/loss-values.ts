import { ConvforgeError } from '../errors.js';
import type { LossDescription, LossKind } from '../program/description.js';
import { makeLoss } from '../program/reference-engine/losses/index.js';
import { Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import { rowClasses } from './row-classes.js';

/** Losses with one value a row that isn't the mean of its elements' losses. */
const OF_ROWS: ReadonlySet<LossKind> = new Set<LossKind>([
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'categoricalFocalCrossentropy',
  'categoricalHinge',
  'cosineSimilarity',
  'klDivergence',
]);

/**
 * Computes the losses of predictions: of each element; of each row (without the last axis) for the losses in
 * OF_ROWS; of each sample, [n], for halfSquaredError. Their mean is what `evaluate` returns. Throws
 * SHAPE_MISMATCH, INVALID_LABEL.
 */
export function lossValues(
  description: LossDescription,
  labels: TensorLike,
  predictions: TensorLike,
): Tensor {
  const { kind } = description;
  const [t, p] = [
    toTensor(labels, `${kind}: labels`),
    toTensor(predictions, `${kind}: predictions`).toFloat(),
  ];
  const loss = makeLoss(description);
  const isSparse = loss.targets === 'classes';
  if (!isSparse && !sameShape(t.shape, p.shape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${kind}: labels are ${showShape(t.shape)} and predictions ${showShape(p.shape)}; their shapes must be equal.`,
    );
  }
  const shape = valuesShape(kind, p);
  const samples = shape.reduce((count, size) => count * size, 1);
  const losses = new Float64Array(samples);
  const outputs = p.dataSync() as Float32Array;
  const targets = isSparse ? rowClasses(kind, t, p) : (t.toFloat().dataSync() as Float32Array);
  const call = { samples, classes: p.size / samples, outputs, targets, losses };
  if (p.size > 0)
    loss.compute({ ...call, gradient: new Float64Array(p.size) }, description.fromLogits === true);
  return new Tensor(Float32Array.from(losses), shape, 'float32');
}

function valuesShape(kind: LossKind, { shape }: Tensor): readonly number[] {
  if (kind === 'halfSquaredError') return shape.slice(0, 1);
  return OF_ROWS.has(kind) ? shape.slice(0, -1) : shape;
}
