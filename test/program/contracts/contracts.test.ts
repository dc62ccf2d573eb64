import { describe, expect, test } from 'vitest';
import { ConvforgeError } from '../../../lib/errors.js';
import { CONTRACTS, outputShapes } from '../../../lib/program/contracts/index.js';
import type { AttributesOf, OpName, Shape } from '../../../lib/program/description.js';

const fail = (code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH', message: string): never => {
  throw new ConvforgeError(code, message);
};

const shapes = <Op extends OpName>(
  op: Op,
  inputs: Shape[],
  attributes: AttributesOf<Op>,
  parameters: Record<string, Shape> = {},
) => outputShapes(op, { inputs, attributes, parameters, fail });

const window = { strides: [2, 1], padding: [1, 1, 0, 0] } as const;
const source = { stream: 0 };

describe('output shapes of contracts', () => {
  test.each([
    ['activation', [[3, 4]], { kind: 'softmax', axis: 0 }, {}, [3, 4]],
    ['add', [[3], [3], [3]], {}, {}, [3]],
    [
      'merge',
      [
        [3, 2],
        [3, 2],
      ],
      { kind: 'subtract' },
      {},
      [3, 2],
    ],
    [
      'concatenate',
      [
        [3, 2],
        [3, 5],
        [3, 1],
      ],
      { axis: 1 },
      {},
      [3, 8],
    ],
    ['broadcast', [[1, 4]], { shape: [3, 4] }, {}, [3, 4]],
    ['unary', [[3, 4]], { kind: 'sqrt' }, {}, [3, 4]],
    ['clip', [[3, 4]], { max: 6 }, {}, [3, 4]],
    [
      'binary',
      [
        [4, 1, 3],
        [5, 1],
      ],
      { kind: 'add' },
      {},
      [4, 5, 3],
    ],
    ['binary', [[], [5, 1]], { kind: 'add' }, {}, [5, 1]],
    ['operand', [[4, 5, 3]], { kind: 'add', value: 1 }, {}, [4, 5, 3]],
    ['operand', [[4, 1, 3]], { kind: 'add' }, { operand: [2, 1, 5, 1] }, [2, 4, 5, 3]],
    ['select', [[4, 1], [3], []], {}, {}, [4, 3]],
    ['reduce', [[4, 5, 3]], { kind: 'sum', axes: [0, 1] }, {}, [3]],
    ['reduce', [[4, 5, 3]], { kind: 'sum', axes: [1], keepDims: true }, {}, [4, 1, 3]],
    ['reduce', [[4, 5]], { kind: 'sum', axes: [0, 1] }, {}, []],
    ['cumsum', [[4, 5]], { axis: 1 }, {}, [4, 5]],
    ['reshape', [[3, 4]], { shape: [2, 6] }, {}, [2, 6]],
    ['permute', [[2, 3, 4]], { axes: [2, 0, 1] }, {}, [4, 2, 3]],
    ['spaceToDepth', [[4, 6, 3]], { blockSize: 2 }, {}, [2, 3, 12]],
    ['spaceToDepth', [[2, 3, 12]], { blockSize: 2, reverse: true }, {}, [4, 6, 3]],
    ['pad', [[4, 4, 2]], { before: [1, -2, 0], after: [0, -1, 1] }, {}, [5, 1, 3]],
    ['resize', [[4, 4, 2]], { kind: 'nearest', size: [7, 3] }, {}, [7, 3, 2]],
    ['conv2d', [[9, 8, 4]], { ...window, dilation: [1, 2], groups: 2 }, { kernel: [3, 3, 2, 6] }, [5, 4, 6]],
    [
      'conv2dTranspose',
      [[5, 4, 6]],
      { ...window, dilation: [1, 2], outputSize: [9, 8] },
      { kernel: [3, 3, 4, 6] },
      [9, 8, 4],
    ],
    ['pool2d', [[9, 8, 4]], { ...window, kind: 'max', size: [3, 3] }, {}, [5, 6, 4]],
    ['dense', [[7, 3]], {}, { kernel: [3, 5], bias: [5] }, [7, 5]],
    ['embedding', [[7]], {}, { embeddings: [100, 16] }, [7, 16]],
    ['fold', [[7, 3, 2]], {}, {}, [3, 2]],
    ['unfold', [[3, 2]], { steps: 7 }, {}, [7, 3, 2]],
    ['randomCrop', [[9, 8, 3]], { size: [4, 5], ...source }, {}, [4, 5, 3]],
    ['randomFlip', [[9, 8, 3]], { horizontal: true, vertical: false, ...source }, {}, [9, 8, 3]],
    ['layerNormalization', [[9, 8]], { epsilon: 1e-3, axes: 2 }, { gamma: [72] }, [9, 8]],
    ['prelu', [[9, 8]], { alphaShape: [1, 8] }, { alpha: [8] }, [9, 8]],
    ['input', [], { shape: [28, 28, 1] }, {}, [28, 28, 1]],
  ] as const)('%s of %j with %j, %j', (op, inputs, attributes, parameters, expected) => {
    expect(shapes(op, inputs as never, attributes as never, parameters as never)).toEqual([expected]);
  });

  test.each([
    ['add', [[3], [4]], {}, {}, 'add takes inputs of equal shapes, not [3] and [4]'],
    ['merge', [[3], [3], [3]], { kind: 'subtract' }, {}, 'subtract takes two inputs, not 3'],
    [
      'concatenate',
      [
        [3, 2],
        [4, 2],
      ],
      { axis: 1 },
      {},
      'may differ only along axis 1',
    ],
    ['concatenate', [[3], [3]], { axis: 1 }, {}, 'there is no axis 1 in [3]'],
    [
      'binary',
      [
        [2, 4],
        [3, 4],
      ],
      { kind: 'add' },
      {},
      "[2, 4] and [3, 4] don't fit",
    ],
    ['binary', [[4], [4], [4]], { kind: 'add' }, {}, 'binary takes two inputs, not 3'],
    ['operand', [[4]], { kind: 'add' }, {}, 'takes a value or the parameter operand, not neither'],
    ['operand', [[4]], { kind: 'add', value: 1 }, { operand: [4] }, 'both value and an operand of [4]'],
    ['operand', [[4]], { kind: 'add' }, { operand: [3] }, "[4] and [3] don't fit"],
    ['select', [[4], [4]], {}, {}, 'select takes three inputs, not 2'],
    ['reduce', [[4, 5]], { kind: 'sum', axes: [1, 0] }, {}, 'must list axes of [4, 5] in rising order'],
    ['reduce', [[4, 5]], { kind: 'sum', axes: [2] }, {}, 'must list axes of [4, 5]'],
    ['cumsum', [[4]], { axis: 1 }, {}, 'there is no axis 1 in [4]'],
    ['broadcast', [[2, 4]], { shape: [3, 4] }, {}, "[2, 4] can't be repeated to [3, 4]"],
    ['reshape', [[3, 4]], { shape: [5] }, {}, '[3, 4] has 12 elements, [5] has 5'],
    ['permute', [[2, 3]], { axes: [0, 0] }, {}, 'must name each axis'],
    ['spaceToDepth', [[4, 5, 3]], { blockSize: 2 }, {}, 'height and width must be multiples of 2'],
    ['spaceToDepth', [[4, 5, 3]], { blockSize: 2, reverse: true }, {}, 'a multiple of 4'],
    ['pad', [[2]], { before: [-1], after: [-1] }, {}, 'cropping [2] leaves nothing'],
    [
      'resize',
      [[4, 4]],
      { kind: 'nearest', size: [7, 3] },
      {},
      'it must be an image, [height, width, channels]',
    ],
    ['conv2d', [[9, 8, 4]], { ...window, dilation: [1, 1] }, { kernel: [3, 3, 2, 6] }, 'takes 2 channels'],
    [
      'conv2d',
      [[9, 8, 4]],
      { ...window, dilation: [1, 1], groups: 4 },
      { kernel: [3, 3, 1, 6] },
      'among 4 groups',
    ],
    [
      'conv2dTranspose',
      [[5, 4, 6]],
      { ...window, dilation: [1, 2], outputSize: [9, 9] },
      { kernel: [3, 3, 4, 6] },
      'not the input [5, 4, 6]',
    ],
    [
      'pool2d',
      [[9, 8, 4]],
      { kind: 'max', size: [1, 3], strides: [1, 1], padding: [1, 0, 0, 0] },
      {},
      'less than the window',
    ],
    ['dense', [[7, 3]], {}, { kernel: [4, 5] }, 'takes 4 inputs'],
    ['dense', [[3]], {}, { kernel: [3, 5], bias: [4] }, 'its kernel needs [5]'],
    ['embedding', [[7]], {}, { embeddings: [100] }, 'embeddings are [inputs, outputs]'],
    ['fold', [[7]], {}, {}, 'has no steps'],
    ['randomCrop', [[3, 8, 3]], { size: [4, 5], ...source }, {}, 'are smaller than a window of 4x5'],
    [
      'groupNormalization',
      [[6]],
      { epsilon: 1e-3, groups: 4 },
      {},
      "6 channels can't be divided into 4 groups",
    ],
    ['batchNormalization', [[6]], { epsilon: 1e-3, momentum: 0.9 }, { gamma: [5] }, 'gamma has shape [5]'],
    ['prelu', [[9, 8]], { alphaShape: [2, 8] }, { alpha: [16] }, 'each size must be 1'],
    ['unitLength', [[]], {}, {}, 'one axis or more'],
  ] as const)('%s refuses %j with %j, %j', (op, inputs, attributes, parameters, message) => {
    expect(() => shapes(op, inputs as never, attributes as never, parameters as never)).toThrow(message);
  });
});

test('each contract has its attributes, and is an own property of the list', () => {
  for (const [op, contract] of CONTRACTS) {
    expect(['none', 'one', 'several'], op).toContain(contract.inputs);
    for (const presence of Object.values({ ...contract.attributes, ...contract.parameters }))
      expect(['required', 'optional'], op).toContain(presence);
  }
  expect(CONTRACTS.get('constructor')).toBeUndefined();
  expect(CONTRACTS.get('default')).toBeUndefined();
});
