import type { WindowAttributes } from '../contracts/window.js';
import type { NodeDescription, Shape } from '../description.js';
import { wholeNumbers } from './checks.js';

/** The windows of a convolution or pooling on an image. All pairs are [height, width]. */
export interface Windows {
  input: readonly number[];
  output: readonly number[];
  size: readonly number[];
  strides: readonly number[];
  dilation: readonly number[];
  /** Padding before the first row and column. */
  before: readonly number[];
}

/** Makes the windows of this size from an input to an output image. */
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
 * Visits each position of each window that lies inside the image: windows in row-major order, and positions
 * in each window in row-major order. A pixel's index is h * width + w in its image. `tap` is the index in the
 * window, kh * window width + kw.
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
