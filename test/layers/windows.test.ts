import { describe, expect, it } from 'vitest';
import { opShape } from '../../lib/layers/op-shape.js';
import { inferPadding, type Padding } from '../../lib/layers/windows.js';
import { OptionChecks } from '../../lib/options.js';
import { expectError } from '../support/convforge-error.js';

const checks = new OptionChecks('conv2d_2', 'conv2d_2');

function windows(input: number[], size: number, stride: number, padding: Padding, dilation = 1) {
  const options = {
    what: 'kernel',
    size: [size, size],
    strides: [stride, stride],
    dilation: [dilation, dilation],
    padding,
  } as const;
  const { size: window, strides, dilation: apart } = options;
  const sides = inferPadding(checks, options, input);
  const attributes = { strides, dilation: apart, padding: sides };
  const kernel = [...window, input[2], 1];
  const [rows, columns] = opShape(checks, 'conv2d', [input], attributes, { kernel });
  return { output: [rows, columns], padding: sides };
}

describe('the windows of a layer', () => {
  it.each([
    // input, size, stride, padding, dilation, output, pads: (I - F + 2P) / S + 1
    [[28, 28, 1], 5, 1, 'valid', 1, [24, 24], [0, 0, 0, 0]],
    [[24, 24, 1], 2, 2, 'valid', 1, [12, 12], [0, 0, 0, 0]],
    [[7, 5, 1], 3, 2, 'valid', 1, [3, 2], [0, 0, 0, 0]],
    [[5, 5, 1], 3, 1, 'same', 1, [5, 5], [1, 1, 1, 1]],
    [[4, 5, 1], 2, 1, 'same', 1, [4, 5], [0, 1, 0, 1]],
    [[6, 7, 1], 3, 2, 'same', 1, [3, 4], [0, 1, 1, 1]],
    [[4, 4, 1], 1, 3, 'same', 1, [2, 2], [0, 0, 0, 0]],
    [[9, 9, 1], 3, 1, 'valid', 2, [5, 5], [0, 0, 0, 0]],
    [[9, 9, 1], 3, 1, 'same', 2, [9, 9], [2, 2, 2, 2]],
    [
      [5, 5, 1],
      3,
      2,
      [
        [1, 0],
        [0, 2],
      ],
      1,
      [2, 3],
      [1, 0, 0, 2],
    ],
  ] as const)('%j, window %d, stride %d, %j', (input, size, stride, padding, dilation, output, pads) => {
    expect(windows([...input], size, stride, padding as Padding, dilation)).toEqual({
      output,
      padding: pads,
    });
  });

  it('name window, input and remedy if the window is too large', async () => {
    const error = await expectError(
      () => windows([4, 4, 64], 5, 1, 'valid'),
      'SHAPE_MISMATCH',
      /^conv2d_2: kernel 5x5 is larger than its input 4x4x64; use a smaller kernel/,
    );
    expect(error.layer).toBe('conv2d_2');
  });

  it('include dilation and padding', async () => {
    await expectError(
      () => windows([4, 4, 1], 3, 1, 'valid', 2),
      'SHAPE_MISMATCH',
      /kernel 3x3 \(dilated by 2x2\)/,
    );
    await expectError(
      () =>
        windows([2, 2, 1], 5, 1, [
          [1, 1],
          [1, 1],
        ]),
      'SHAPE_MISMATCH',
      /2x2x1 with its padding/,
    );
    expect(
      windows([3, 3, 1], 5, 1, [
        [1, 1],
        [1, 1],
      ]).output,
    ).toEqual([1, 1]);
  });

  it("refuse inputs that aren't images", async () => {
    await expectError(
      () => windows([784], 3, 1, 'valid'),
      'SHAPE_MISMATCH',
      /the input is 784; it must be an image/,
    );
  });
});
