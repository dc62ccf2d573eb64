import type { WindowAttributes } from '../contracts/window.js';
import type { NodeDescription, Shape } from '../description.js';
import { wholeNumbers } from './checks.js';

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

/** Windows of this size from one image to another. */
export function windowsOf(
  { strides, padding: [top, , left], dilation = [1, 1] }: WindowAttributes & { dilation?: readonly number[] },
  size: Shape,
  input: Shape,
  output: Shape,
): Windows {
  return {
    input: input.slice(0, 2),
    output: output.slice(0, 2),
    size,
    strides,
    dilation,
    before: [top, left],
  };
}

export function checkWindowAttributes(node: NodeDescription<'conv2d' | 'conv2dTranspose' | 'pool2d'>): void {
  wholeNumbers(node, 'strides', 2, 1);
  wholeNumbers(node, 'padding', 4, 0);
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
