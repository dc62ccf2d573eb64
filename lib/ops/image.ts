import { OptionChecks } from '../options.js';
import type { Tensor, TensorLike } from '../tensor/index.js';
import { readImages } from './image-batch.js';
import { runNode } from './run-node.js';

/**
 * Images of another size, each pixel weighed from the four around its place: pixels are taken at their centres, as Keras and today's
 * TensorFlow do (TF.js's halfPixelCenters), without antialiasing.
 *
 * @param images [n, height, width, channels], or [height, width, channels] for one image.
 * @returns float32, of the images' rank.
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT
 */
export function resizeBilinear(images: TensorLike, size: readonly [height: number, width: number]): Tensor {
  return resize('resizeBilinear', 'bilinear', images, size);
}

/** Images of another size, each pixel the nearest one's. Arguments and centres as for resizeBilinear. */
export function resizeNearestNeighbor(
  images: TensorLike,
  size: readonly [height: number, width: number],
): Tensor {
  return resize('resizeNearestNeighbor', 'nearest', images, size);
}

function resize(
  name: string,
  kind: 'bilinear' | 'nearest',
  value: TensorLike,
  given: readonly [number, number],
): Tensor {
  const checks = new OptionChecks(name);
  const images = readImages(checks, value);
  const size = checks.pair('size', given);
  const node = { op: 'resize', attributes: { kind, size }, shape: [...size, images.imageShape[2]] } as const;
  return images.like(runNode(node, images.x, images.samples, images.imageShape, name));
}
