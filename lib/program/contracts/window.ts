import type { Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';

/** [height, width]. */
export type Pair = readonly [number, number];

/** Padding of each side of an image: [top, bottom, left, right]. */
export type Sides = readonly [number, number, number, number];

/** How windows move over an image. */
export interface WindowAttributes {
  /** Step from one window to the next, [height, width]. */
  strides: Pair;
  /** Padding, [top, bottom, left, right]. */
  padding: Sides;
}

/** The extent of a dilated window, from its first to its last element. */
export function windowExtent(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}

/**
 * The number of windows along an axis: floor((cells + padding - extent) / stride) + 1. `padding` is the sum
 * of both ends. The result is less than 1 if no window fits.
 */
export function windowCount(cells: number, padding: number, extent: number, stride: number): number {
  return Math.floor((cells + padding - extent) / stride) + 1;
}

/**
 * The padding [before, after] along an axis that gives ceil(cells / stride) windows. If the total is odd, one
 * more goes to the end.
 */
export function samePadding(cells: number, extent: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(cells / stride) - 1) * stride + extent - cells, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * The output size [height, width] of windows on an image [height, width, channels]. Throws SHAPE_MISMATCH if
 * no window fits.
 */
export function windowCounts(
  { attributes, fail }: Pick<ShapeQuery<WindowAttributes>, 'attributes' | 'fail'>,
  image: Shape,
  size: Shape,
  dilation: Pair = [1, 1],
): [number, number] {
  const { strides, padding } = attributes;
  const [top, bottom, left, right] = padding;
  const pads = [top + bottom, left + right];
  const extent = [windowExtent(size[0], dilation[0]), windowExtent(size[1], dilation[1])];
  if (extent[0] > image[0] + pads[0] || extent[1] > image[1] + pads[1]) {
    const dilated = dilation.some((step) => step > 1) ? `, dilated to ${extent.join('x')},` : '';
    const padded = `${image[0] + pads[0]}x${image[1] + pads[1]}`;
    return fail(
      'SHAPE_MISMATCH',
      `the window ${size.join('x')}${dilated} is larger than its padded input ${padded}.`,
    );
  }
  return [
    windowCount(image[0], pads[0], extent[0], strides[0]),
    windowCount(image[1], pads[1], extent[1], strides[1]),
  ];
}

/** Throws SHAPE_MISMATCH unless the shape is that of an image, [height, width, channels]. */
export function checkImage(query: Pick<ShapeQuery<object>, 'fail'>, shape: Shape): void {
  if (shape.length === 3) return;
  query.fail(
    'SHAPE_MISMATCH',
    `the input is ${shape.join('x') || 'scalar'}; it must be an image, [height, width, channels]. Put a reshape layer before.`,
  );
}
