import { OptionChecks } from '../options.js';
import type { AttributesOf } from '../program/description.js';
import { type GraphValue, inGraph } from '../tensor/graph.js';
import type { Operand, Operated } from '../tensor/tensor-like.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { readImages } from './image-batch.js';
import { runNode } from './run-node.js';

/**
 * Resizes images bilinearly, without antialiasing. Row o of `out` output rows samples the `in` input rows at
 * o in / out; with `alignCorners` at o (in - 1) / (out - 1), so that corner pixels coincide; with
 * `halfPixelCenters` at (o + 1/2) in / out - 1/2, as in Keras, TensorFlow 2 and layers.resizing.
 *
 * @param images [n, height, width, channels], or [height, width, channels] for one image.
 * @param alignCorners Default false. Must not be combined with halfPixelCenters.
 * @param halfPixelCenters Default false, as in TF.js.
 * @returns float32, of the images' rank.
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT
 */
export function resizeBilinear(
  images: TensorLike,
  size: readonly [height: number, width: number],
  alignCorners?: boolean,
  halfPixelCenters?: boolean,
): Tensor;
export function resizeBilinear(
  images: GraphValue,
  size: readonly [height: number, width: number],
  alignCorners?: boolean,
  halfPixelCenters?: boolean,
): GraphValue;
export function resizeBilinear(
  images: Operand,
  size: readonly [height: number, width: number],
  alignCorners = false,
  halfPixelCenters = false,
): Operated {
  const made = inGraph('resizeBilinear', [images], { size, alignCorners, halfPixelCenters });
  if (made) return made;
  const given = images as TensorLike;
  return resize('resizeBilinear', 'bilinear', given, size, alignCorners, halfPixelCenters);
}

/**
 * Resizes images by nearest neighbour, and keeps their dtype. Arguments and positions as for {@link
 * resizeBilinear}.
 */
export function resizeNearestNeighbor(
  images: TensorLike,
  size: readonly [height: number, width: number],
  alignCorners?: boolean,
  halfPixelCenters?: boolean,
): Tensor;
export function resizeNearestNeighbor(
  images: GraphValue,
  size: readonly [height: number, width: number],
  alignCorners?: boolean,
  halfPixelCenters?: boolean,
): GraphValue;
export function resizeNearestNeighbor(
  images: Operand,
  size: readonly [height: number, width: number],
  alignCorners = false,
  halfPixelCenters = false,
): Operated {
  const made = inGraph('resizeNearestNeighbor', [images], { size, alignCorners, halfPixelCenters });
  if (made) return made;
  const given = images as TensorLike;
  const resized = resize('resizeNearestNeighbor', 'nearest', given, size, alignCorners, halfPixelCenters);
  return resized.cast(toTensor(given, 'resizeNearestNeighbor: images').dtype);
}

type Corners = AttributesOf<'resize'>['corners'];

function resize(
  name: string,
  kind: 'bilinear' | 'nearest',
  value: TensorLike,
  given: readonly [number, number],
  alignCorners: boolean,
  halfPixelCenters: boolean,
): Tensor {
  const checks = new OptionChecks(name);
  const images = readImages(checks, value);
  const size = checks.pair('size', given);
  const corners = readCorners(checks, alignCorners, halfPixelCenters);
  const attributes = { kind, size, corners };
  const node = { op: 'resize', attributes } as const;
  return images.like(runNode(node, images.x, images.samples, images.imageShape, name));
}

function readCorners(checks: OptionChecks, alignCorners: boolean, halfPixelCenters: boolean): Corners {
  checks.boolean('alignCorners', alignCorners);
  checks.boolean('halfPixelCenters', halfPixelCenters);
  if (alignCorners && halfPixelCenters)
    checks.fail('INVALID_ARGUMENT', 'alignCorners and halfPixelCenters are both true; choose one.');
  if (alignCorners) return 'aligned';
  return halfPixelCenters ? 'halfPixel' : 'topLeft';
}
