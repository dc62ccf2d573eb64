import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { expectError } from '../support/convforge-error.js';

describe.each([
  ['MaxPooling2D', layers.maxPooling2d],
  ['AveragePooling2D', layers.averagePooling2d],
  ['SumPooling2D', layers.sumPooling2d],
] as const)('%s', (className, pooling) => {
  it('has windows of 2 by default, and strides equal to the window', () => {
    expect(pooling().getConfig()).toMatchObject({ poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
    expect(pooling({ poolSize: [3, 2] }).getConfig()).toMatchObject({ strides: [3, 2] });
    expect(pooling().getClassName()).toBe(className);
  });

  it('keeps channels', () => {
    expect(pooling({ poolSize: 3, strides: 2 }).computeOutputShape([7, 8, 5])).toEqual([3, 3, 5]);
    expect(pooling({ padding: 'same' }).computeOutputShape([7, 8, 5])).toEqual([4, 4, 5]);
  });

  it('refuses windows and strides of 0, and padding as large as the window', async () => {
    await expectError(() => pooling({ poolSize: 0 }), 'INVALID_ARGUMENT', /poolSize is 0/);
    await expectError(() => pooling({ strides: 0 }), 'INVALID_ARGUMENT', /strides is 0/);
    const padding = [
      [0, 2],
      [0, 0],
    ] as const;
    await expectError(
      () => pooling({ padding }),
      'INVALID_ARGUMENT',
      /padding \[0, 2\] must be less than the pool's 2/,
    );
  });

  it('refuses a window larger than its input', async () => {
    const message = /pool 3x3 is larger than its input 2x5x1/;
    await expectError(
      () => pooling({ poolSize: 3 }).computeOutputShape([2, 5, 1]),
      'SHAPE_MISMATCH',
      message,
    );
  });
});

it("has TF.js's other names", () => {
  expect(layers.maxPool2d).toBe(layers.maxPooling2d);
  expect(layers.avgPool2d).toBe(layers.averagePooling2d);
  expect(layers.averagePool2d).toBe(layers.averagePooling2d);
});
