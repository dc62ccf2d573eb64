import { afterAll, describe, expect, it } from 'vitest';
import * as tf from '../../../lib/index.js';
import * as definitions from '../../../lib/layers/operation/ops/index.js';
import { ENGINES } from '../../support/engines.js';
import { expectClose } from '../../support/numeric.js';

/*
 * A function of tensors gives the same values when it computes at once and when a model computes it, with each
 * engine.
 */

/** Stands for a tensor, or for an input of a model. */
const X = Symbol('X');
const Y = Symbol('Y');
/** Positive. */
const P = Symbol('P');
/** [1, 1, 3] for each sample. */
const GATE = Symbol('GATE');

const SHAPE = [2, 4, 5, 3];
const numbers = tf.randomNormal(SHAPE, 0, 1.5, 'float32', 1);
const VALUES = new Map<unknown, tf.Tensor>([
  [X, numbers],
  [Y, tf.randomNormal(SHAPE, 0, 1.5, 'float32', 3)],
  [P, numbers.abs().add(0.1)],
  [GATE, tf.randomNormal([2, 1, 1, 3], 0, 1, 'float32', 4)],
]);
const CHANNELS = tf.tensor([0.5, -2, 3]);
const WHOLE = tf.randomNormal([1, 4, 5, 3], 0, 1, 'float32', 5);

const EXACT_AND_BROADCAST = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference'];
const OTHER_PAIRS = ['mod', 'floorDiv', 'less', 'lessEqual', 'greater', 'greaterEqual', 'equal', 'notEqual'];
const LOGICAL = ['logicalAnd', 'logicalOr', 'logicalXor'];
const UNARY = [
  ...['abs', 'neg', 'sign', 'floor', 'ceil', 'round', 'expm1', 'square', 'reciprocal', 'erf', 'sin', 'cos'],
  ...['logicalNot', 'isNaN', 'exp', 'relu', 'relu6', 'sigmoid', 'tanh', 'selu', 'elu', 'softplus'],
];
const REDUCTIONS = ['sum', 'mean', 'max', 'min', 'prod', 'any', 'all', 'logSumExp'];

const CASES: [string, ...unknown[]][] = [
  ...[...EXACT_AND_BROADCAST, ...OTHER_PAIRS, ...LOGICAL].flatMap((op): [string, ...unknown[]][] => [
    [op, X, Y],
    [op, X, GATE],
    [op, X, 1.5],
    [op, 1.5, X],
    [op, X, CHANNELS],
    [op, WHOLE, X],
    [op, GATE, WHOLE],
  ]),
  ['pow', P, Y],
  ['pow', P, 2.5],
  ['pow', X, 2],
  ['pow', 2, X],
  ...UNARY.map((op): [string, unknown] => [op, X]),
  ...['log', 'log1p', 'sqrt', 'rsqrt'].map((op): [string, unknown] => [op, P]),
  ['clipByValue', X, -0.5, 1],
  ['clipByValue', X, 0, Number.POSITIVE_INFINITY],
  ['leakyRelu', X, 0.3],
  ['prelu', X, CHANNELS],
  ['softmax', X],
  ['logSoftmax', X],
  ['where', X, Y, P],
  ['where', Y, 0, X],
  ['where', Y, CHANNELS, X],
  ...REDUCTIONS.flatMap((op): [string, ...unknown[]][] => [
    [op, X, [1, 2]],
    [op, X, -1, true],
    [op, X, [1, 3]],
    [op, X, [1, 2, 3], true],
  ]),
  ['cumsum', X, 1],
  ['cumsum', X, -1, true, true],
  ['reshape', X, [-1, 20, 3]],
  ['transpose', X, [0, 3, 1, 2]],
  ['expandDims', X, 1],
  ['squeeze', GATE, [1, 2]],
  ['concat', [X, Y], -1],
  ['stack', [X, Y], 2],
  ['split', X, 2, 1],
  ['split', X, [1, 3], 1],
  ['unstack', X, -1],
  ['slice', X, [0, 1, 2], [-1, 2, 2]],
  ['stridedSlice', X, [0, 3, 0], [2, 0, 5], [1, -2, 2], 0b001, 0b001],
  ['stridedSlice', X, [0, -2], [2, 4], undefined, 1, 1, 0, 0, 0b10],
  ['reverse', X, [1, 3]],
  [
    'gather',
    X,
    [
      [2, 0],
      [1, 1],
    ],
    3,
  ],
  [
    'pad',
    X,
    [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ],
  ],
  [
    'pad',
    X,
    [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ],
    2.5,
  ],
  [
    'mirrorPad',
    X,
    [
      [0, 0],
      [1, 2],
      [0, 1],
      [2, 0],
    ],
    'reflect',
  ],
  [
    'mirrorPad',
    X,
    [
      [0, 0],
      [1, 2],
      [0, 1],
      [2, 0],
    ],
    'symmetric',
  ],
  ['tile', X, [1, 2, 1, 3]],
  ['matMul', X, tf.randomNormal([3, 4], 0, 1, 'float32', 6)],
  ['matMul', X, Y, false, true],
  ['matMul', X, Y, true],
  ['matMul', WHOLE, X, false, true],
  ['resizeBilinear', X, [8, 6]],
  ['resizeNearestNeighbor', X, [8, 10], false, true],
  ['localResponseNormalization', X, 1, 1, 0.5, 0.75],
];

const functions = { ...tf, ...tf.image } as unknown as Record<string, (...args: unknown[]) => unknown>;

function replaced(argument: unknown, by: ReadonlyMap<unknown, unknown>): unknown {
  if (by.has(argument)) return by.get(argument);
  return Array.isArray(argument) ? argument.map((each) => replaced(each, by)) : argument;
}

function called(
  [name, ...args]: readonly [string, ...unknown[]],
  by: ReadonlyMap<unknown, unknown>,
): unknown[] {
  const made = functions[name](...args.map((argument) => replaced(argument, by)));
  return Array.isArray(made) ? made : [made];
}

async function compare(given: [string, ...unknown[]]): Promise<void> {
  const used = [...VALUES.keys()].filter((key) => given.flat().includes(key));
  const inputs = used.map((key) => tf.input({ shape: (VALUES.get(key) as tf.Tensor).shape.slice(1) }));
  const outputs = called(given, new Map(used.map((key, i) => [key, inputs[i]]))) as tf.SymbolicTensor[];
  const expected = called(given, VALUES) as tf.Tensor[];
  const net = tf.model({ inputs, outputs });
  const tensors = used.map((key) => VALUES.get(key) as tf.Tensor);
  const predicted = net.predict(tensors.length === 1 ? tensors[0] : tensors) as unknown;
  const found = (outputs.length === 1 ? [predicted] : predicted) as tf.Tensor[];
  for (const [i, each] of expected.entries()) {
    expect(found[i].shape).toEqual(each.shape);
    expectClose(await found[i].data(), await each.data(), { absolute: 4e-6, relative: 1e-5 });
  }
  net.dispose();
}

/** Operations that importers alone make, for which tensors have no function. */
const OF_IMPORTERS = [
  ...['celu', 'flatten', 'gelu', 'hardSigmoid', 'hardSwish', 'identity', 'mish', 'silu', 'softsign'],
  'resample',
  'spaceToDepth',
];

it('covers all operations', () => {
  const covered = new Set([
    ...CASES.map(([name]) => name),
    ...OF_IMPORTERS,
    'broadcastTo',
    'depthToSpace',
    'dot',
  ]);
  expect([...covered].sort()).toEqual(Object.keys(definitions).sort());
});

afterAll(() => tf.setEngine('native'));

describe.each(ENGINES)('%s engine', (engine) => {
  it.each(
    CASES.map(
      (each) =>
        [
          JSON.stringify(each, (_, value) => (typeof value === 'symbol' ? value.description : value)),
          each,
        ] as const,
    ),
  )('%s', async (_, given) => {
    tf.setEngine(engine);
    await compare(given);
  });
});
