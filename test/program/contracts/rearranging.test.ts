import { describe, expect, test } from 'vitest';
import { ConvforgeError } from '../../../lib/errors.js';
import { outputShapes } from '../../../lib/program/contracts/index.js';
import type { AttributesOf, OpName, Shape } from '../../../lib/program/description.js';

const fail = (code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH', message: string): never => {
  throw new ConvforgeError(code, message);
};

function shapes(op: OpName, input: Shape, attributes: object, parameters: Record<string, Shape> = {}) {
  const given = attributes as AttributesOf<OpName>;
  return outputShapes(op, { inputs: [input], attributes: given, parameters, fail });
}

describe('output shapes', () => {
  test.each([
    ['slice', [4, 5], { starts: [1, 4], sizes: [3, 2], steps: [1, -4] }, [3, 2]],
    ['slice', [4, 5], { starts: [0, 2], sizes: [2, 1], steps: [3, 100] }, [2, 1]],
    ['gather', [4, 5, 2], { axis: 1, indices: [4, 0, 4], indicesShape: [3] }, [4, 3, 2]],
    ['gather', [4, 5, 2], { axis: 0, indices: [3], indicesShape: [] }, [5, 2]],
    ['gather', [4], { axis: 0, indices: [0, 1, 2, 3, 3, 3], indicesShape: [2, 3] }, [2, 3]],
  ] as const)('%s of %j with %j', (op, input, attributes, expected) => {
    expect(shapes(op, input, attributes)).toEqual([expected]);
  });

  test('constant', () => {
    expect(shapes('constant', [7, 7], {}, { value: [2, 3] })).toEqual([[2, 3]]);
    expect(() => shapes('constant', [7], {}, { value: [] })).toThrow('it needs one axis or more');
  });

  test.each([
    ['slice', [4], { starts: [4], sizes: [1], steps: [1] }, 'from 4 to 4 along axis 0 leaves its input [4]'],
    ['slice', [4], { starts: [1], sizes: [3], steps: [-1] }, 'from 1 to -1'],
    ['slice', [4], { starts: [1], sizes: [3], steps: [2] }, 'from 1 to 5'],
    ['slice', [4, 4], { starts: [1], sizes: [3], steps: [1] }, '2 numbers, one for each axis of [4, 4]'],
    ['gather', [4], { axis: 1, indices: [0], indicesShape: [1] }, 'there is no axis 1 in [4]'],
    ['gather', [4], { axis: 0, indices: [4], indicesShape: [1] }, 'no index 4 along axis 0 of [4]'],
    ['gather', [4], { axis: 0, indices: [1, 2], indicesShape: [3] }, "2 indices don't fill indicesShape [3]"],
  ] as const)('%s refuses %j with %j', (op, input, attributes, message) => {
    expect(() => shapes(op, input, attributes)).toThrow(message);
  });
});
