import type { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import { showShape } from '../tensor/shapes.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';

/** The images that an op was given: a batch or one image. */
export interface ImageBatch {
  x: Tensor;
  samples: number;
  /** [height, width, channels] */
  imageShape: Shape;
  /** Converts the result for a batch to the caller's form: one image for one image. */
  like(batch: Tensor): Tensor;
}

/**
 * Reads [n, height, width, channels] or [height, width, channels]. Throws INVALID_ARGUMENT or SHAPE_MISMATCH
 * for others.
 */
export function readImages(checks: OptionChecks, value: TensorLike): ImageBatch {
  const x = toTensor(value, `${checks.subject}: x`);
  if (x.rank !== 3 && x.rank !== 4) {
    checks.fail(
      'SHAPE_MISMATCH',
      `x is ${showShape(x.shape)}; it must be [n, height, width, channels], or [height, width, channels] for one image.`,
    );
  }
  if (x.rank === 4) return { x, samples: x.shape[0], imageShape: x.shape.slice(1), like: (batch) => batch };
  return { x, samples: 1, imageShape: x.shape, like: (batch) => batch.reshape(batch.shape.slice(1)) };
}
