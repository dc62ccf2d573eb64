import type { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import { showShape } from '../tensor/shapes.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';

/** Images as an op gets them: a batch, or one. */
export interface ImageBatch {
  x: Tensor;
  samples: number;
  /** [height, width, channels] */
  imageShape: Shape;
  /** The result for a batch as the caller gets it: one image for one image. */
  like(batch: Tensor): Tensor;
}

/** INVALID_ARGUMENT or SHAPE_MISMATCH unless x is [n, height, width, channels] or [height, width, channels]. */
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
