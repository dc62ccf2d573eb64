import { ConvforgeError } from '../errors.js';
import { Tensor, type TensorLike, toTensor } from '../tensor/index.js';

/**
 * Counts how often each class was predicted as which: int32 [classes, classes], with a row for each true
 * class and a column for each predicted class.
 *
 * `labels` and `predictions` are whole-number classes, [n], or rows of scores, [n, classes], whose argmax
 * counts. `numClasses` defaults to the width of those rows, or to the largest class plus 1. Throws
 * SHAPE_MISMATCH or INVALID_LABEL.
 */
export function confusionMatrix(labels: TensorLike, predictions: TensorLike, numClasses?: number): Tensor {
  const [truth, guess] = [readClasses(labels, 'labels'), readClasses(predictions, 'predictions')];
  if (truth.classes.length !== guess.classes.length) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `confusionMatrix: there are ${truth.classes.length} labels, but ${guess.classes.length} predictions.`,
    );
  }
  const size = numClasses ?? Math.max(truth.width, guess.width);
  const counts = new Int32Array(size * size);
  const check = (value: number, what: string) => {
    if (Number.isInteger(value) && value >= 0 && value < size) return value;
    throw new ConvforgeError(
      'INVALID_LABEL',
      `confusionMatrix: ${what} have ${value}; with ${size} classes they are whole numbers from 0 to ${size - 1}.`,
    );
  };
  truth.classes.forEach((label, i) => {
    counts[check(label, 'labels') * size + check(guess.classes[i], 'predictions')]++;
  });
  return new Tensor(counts, [size, size], 'int32');
}

/** Classes and the least number of classes. */
function readClasses(value: TensorLike, what: string): { classes: number[]; width: number } {
  const tensor = toTensor(value, what);
  const values = Array.from(tensor.dataSync());
  if (tensor.shape.length === 1) {
    return { classes: values, width: values.reduce((most, label) => Math.max(most, label + 1), 0) };
  }
  if (tensor.shape.length !== 2) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `confusionMatrix: ${what} have shape [${tensor.shape.join(', ')}]; give [n] or [n, classes].`,
    );
  }
  const [rows, width] = tensor.shape;
  const classes = Array.from({ length: rows }, (_, row) => {
    const scores = values.slice(row * width, (row + 1) * width);
    return scores.reduce((best, score, i) => (score > scores[best] ? i : best), 0);
  });
  return { classes, width };
}
