import type { NodeDescription, Shape } from '../description.js';
import { fail, wholeNumbers } from './checks.js';

/** How the windows of a convolution or a pooling lie on an image. All are [h, w]. */
export interface Windows {
  input: readonly number[];
  output: readonly number[];
  size: readonly number[];
  strides: readonly number[];
  dilation: readonly number[];
  /** Padding before the first row and column. */
  before: readonly number[];
}

/**
 * The windows that a node with the attributes `strides` and `padding` lays on an input [h, w, channels]:
 * O = floor((I + pads - ((K - 1) * dilation + 1)) / stride) + 1.
 */
export function windowsOf(
  node: NodeDescription,
  input: Shape,
  size: readonly number[],
  dilation: readonly number[],
): Windows {
  const strides = wholeNumbers(node, 'strides', 2, 1);
  const [top, bottom, left, right] = wholeNumbers(node, 'padding', 4, 0);
  if (input.length !== 3) {
    fail(node, 'SHAPE_MISMATCH', `${node.op} needs an input [h, w, channels], not [${input.join(', ')}].`);
  }
  const padded = [input[0] + top + bottom, input[1] + left + right];
  const extent = size.map((cells, axis) => (cells - 1) * dilation[axis] + 1);
  if (extent[0] > padded[0] || extent[1] > padded[1]) {
    const dilated = dilation.some((step) => step > 1) ? `, dilated to ${extent.join('x')},` : '';
    fail(
      node,
      'SHAPE_MISMATCH',
      `the window ${size.join('x')}${dilated} is larger than its padded input ${padded.join('x')}.`,
    );
  }
  const output = padded.map((cells, axis) => Math.floor((cells - extent[axis]) / strides[axis]) + 1);
  return { input: input.slice(0, 2), output, size, strides, dilation, before: [top, left] };
}

/**
 * Visits every cell of every window that lies inside the image: windows in row-major order, each one's cells in row-major order.
 * Pixels are h * width + w in their image, `tap` is kh * width of the window + kw.
 */
export function forEachTap(
  windows: Windows,
  visit: (outputPixel: number, inputPixel: number, tap: number) => void,
): void {
  const { input, output, size, strides, dilation, before } = windows;
  for (let oh = 0; oh < output[0]; oh++) {
    for (let ow = 0; ow < output[1]; ow++) {
      for (let kh = 0; kh < size[0]; kh++) {
        const ih = oh * strides[0] + kh * dilation[0] - before[0];
        if (ih < 0 || ih >= input[0]) continue;
        for (let kw = 0; kw < size[1]; kw++) {
          const iw = ow * strides[1] + kw * dilation[1] - before[1];
          if (iw < 0 || iw >= input[1]) continue;
          visit(oh * output[1] + ow, ih * input[1] + iw, kh * size[1] + kw);
        }
      }
    }
  }
}
