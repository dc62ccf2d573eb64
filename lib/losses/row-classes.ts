import { ConvforgeError } from '../errors.js';
import type { Tensor } from '../tensor/index.js';
import { sameShape, showShape } from '../tensor/shapes.js';

/**
 * Reads labels that are whole-number classes. Their shape must be the predictions' without the last axis, or
 * with a last axis of 1. Throws SHAPE_MISMATCH, INVALID_LABEL.
 */
export function rowClasses(what: string, labels: Tensor, predictions: Tensor): Int32Array {
  const rows = predictions.shape.slice(0, -1);
  const classes = predictions.shape[predictions.rank - 1];
  if (!sameShape(labels.shape, rows) && !sameShape(labels.shape, [...rows, 1])) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what}: labels are ${showShape(labels.shape)}, but for predictions ${showShape(predictions.shape)} they must be classes ${showShape(rows)}.`,
    );
  }
  const values = labels.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (Number.isInteger(values[i]) && values[i] >= 0 && values[i] < classes) continue;
    throw new ConvforgeError(
      'INVALID_LABEL',
      `${what}: label ${i} is ${values[i]}; labels are whole numbers from 0 to ${classes - 1}.`,
    );
  }
  return Int32Array.from(values);
}
