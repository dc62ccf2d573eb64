import type { OptionChecks } from '../options.js';
import { checkImage, type Sides, samePadding, windowExtent } from '../program/contracts/window.js';
import type { AttributesOf, Shape } from '../program/description.js';
import { showShape } from './shapes.js';

export type { Sides } from '../program/contracts/window.js';

/**
 * Zeros around an image:
 *
 * - 'valid' adds none.
 * - 'same' adds as many as give ceil(input / stride) outputs. An odd one goes to the bottom or right.
 * - A list gives their numbers, [[top, bottom], [left, right]].
 */
export type Padding = 'valid' | 'same' | readonly [readonly [number, number], readonly [number, number]];

/** How windows move over an image. Each pair is [height, width]. */
export interface WindowOptions {
  /** What messages call the window: "kernel" or "pool". */
  what: string;
  size: readonly [number, number];
  strides: readonly [number, number];
  dilation: readonly [number, number];
  padding: Padding;
}

/**
 * Computes the padding of windows on an image of this shape. Throws SHAPE_MISMATCH if it is not an image, or if
 * no window fits.
 */
export function inferPadding(checks: OptionChecks, options: WindowOptions, inputShape: Shape): Sides {
  checkImage(checks, inputShape);
  return [...inferAxis(checks, options, inputShape, 0), ...inferAxis(checks, options, inputShape, 1)];
}

/** The attributes of the op that pools windows on an image of this shape. Throws as {@link inferPadding}. */
export function poolAttributes(
  checks: OptionChecks,
  kind: AttributesOf<'pool2d'>['kind'],
  windows: Pick<WindowOptions, 'size' | 'strides' | 'padding'>,
  image: Shape,
): AttributesOf<'pool2d'> {
  const { size, strides } = windows;
  const padding = inferPadding(checks, { what: 'pool', dilation: [1, 1], ...windows }, image);
  return { kind, size, strides, padding };
}

function inferAxis(
  checks: OptionChecks,
  options: WindowOptions,
  inputShape: Shape,
  axis: number,
): readonly [number, number] {
  const { padding, strides, size, dilation } = options;
  const input = inputShape[axis];
  const extent = windowExtent(size[axis], dilation[axis]);
  if (padding === 'same') return samePadding(input, extent, strides[axis]);
  const pads = padding === 'valid' ? ([0, 0] as const) : padding[axis];
  if (extent > input + pads[0] + pads[1]) failTooLarge(checks, options, inputShape);
  return pads;
}

function failTooLarge(checks: OptionChecks, options: WindowOptions, inputShape: Shape): never {
  const { what, size, dilation, padding } = options;
  const dilated = dilation[0] > 1 || dilation[1] > 1 ? ` (dilated by ${dilation.join('x')})` : '';
  const padded = padding === 'valid' ? '' : ' with its padding';
  checks.fail(
    'SHAPE_MISMATCH',
    `${what} ${size.join('x')}${dilated} is larger than its input ${showShape(inputShape)}${padded}; use a smaller ${what}, padding: 'same', or fewer pooling layers before it.`,
  );
}
