import type { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import { showShape } from './shapes.js';

/**
 * Cells around an image: 'valid' none; 'same' as many as give ceil(input / stride) outputs, an odd cell going to the bottom or
 * right; or how many, as [[top, bottom], [left, right]].
 */
export type Padding = 'valid' | 'same' | readonly [readonly [number, number], readonly [number, number]];

/** How windows slide over an image; each pair is [height, width]. */
export interface WindowOptions {
  /** "kernel" or "pool", as messages call the window. */
  what: string;
  size: readonly [number, number];
  strides: readonly [number, number];
  dilation: readonly [number, number];
  padding: Padding;
}

export interface WindowShape {
  /** [height, width] of the output. */
  output: [number, number];
  /** [top, bottom, left, right]. */
  padding: [number, number, number, number];
}

/** Output size per axis: floor((input + pads - ((size - 1) * dilation + 1)) / stride) + 1. */
export function inferWindows(checks: OptionChecks, options: WindowOptions, inputShape: Shape): WindowShape {
  if (inputShape.length !== 3) {
    checks.fail(
      'SHAPE_MISMATCH',
      `the input is ${showShape(inputShape)}; it must be an image, [height, width, channels]. Put a reshape layer before.`,
    );
  }
  const [vertical, horizontal] = [0, 1].map((axis) => inferAxis(checks, options, inputShape, axis));
  return {
    output: [vertical.output, horizontal.output],
    padding: [...vertical.pads, ...horizontal.pads],
  };
}

function inferAxis(
  checks: OptionChecks,
  options: WindowOptions,
  inputShape: Shape,
  axis: number,
): { output: number; pads: [number, number] } {
  const input = inputShape[axis];
  const stride = options.strides[axis];
  const extent = (options.size[axis] - 1) * options.dilation[axis] + 1;
  const pads = axisPads(options.padding, axis, input, extent, stride);
  const room = input + pads[0] + pads[1] - extent;
  if (room < 0) failTooLarge(checks, options, inputShape);
  return { output: Math.floor(room / stride) + 1, pads };
}

function axisPads(
  padding: Padding,
  axis: number,
  input: number,
  extent: number,
  stride: number,
): [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding !== 'same') return [...padding[axis]];
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + extent - input, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
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
