import { afterAll, describe, expect, it } from 'vitest';
import * as tf from '../../../lib/index.js';
import { applyOperation } from '../../../lib/layers/operation/index.js';
import { expectError } from '../../support/convforge-error.js';
import { ENGINES } from '../../support/engines.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder();

const x = tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 1);
const y = tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 2);

/** A model of one operation on values of these shapes, with unknown heights and widths if asked. */
function modelOf(
  op: string,
  attributes: Record<string, unknown>,
  shapes: readonly (readonly (number | null)[])[],
  constants: readonly (number | { shape: number[]; values: Float32Array; trainable: boolean })[] = [],
) {
  const inputs = shapes.map((shape) => tf.input({ shape }));
  const outputs = applyOperation(op, [...inputs, ...constants], attributes);
  return tf.model({ inputs, outputs });
}

afterAll(() => tf.setEngine('native'));

/** Operations of x, and what the same function gives for tensors. */
const OF_ONE: [string, Record<string, unknown>, () => tf.Tensor][] = [
  ['reshape', { shape: [-1, 8, 6] }, () => x.reshape([2, 8, 6])],
  ['reshape', { shape: [{ size: [0, 0] }, -1, { size: [0, 3] }] }, () => x.reshape([2, 16, 3])],
  ['reshape', { shape: [-1, { mul: [{ size: [0, 1] }, { size: [0, 2] }] }, 3] }, () => x.reshape([2, 16, 3])],
  ['flatten', {}, () => x.reshape([2, 48])],
  ['transpose', { perm: [0, 3, 1, 2] }, () => x.transpose([0, 3, 1, 2])],
  ['expandDims', { axis: 2 }, () => x.expandDims(2)],
  ['expandDims', { axis: -1 }, () => x.expandDims(-1)],
  ['slice', { begin: [0, 1, 0, 2], size: [-1, 2, -1, 1] }, () => x.slice([0, 1, 0, 2], [-1, 2, -1, 1])],
  [
    'pad',
    {
      paddings: [
        [0, 0],
        [1, 2],
        [0, 1],
        [2, 0],
      ],
    },
    () =>
      x.pad([
        [0, 0],
        [1, 2],
        [0, 1],
        [2, 0],
      ]),
  ],
  ['tile', { reps: [1, 2, 1, 3] }, () => x.tile([1, 2, 1, 3])],
  ['softmax', {}, () => x.softmax()],
  ['softmax', { axis: 1 }, () => x.transpose([0, 2, 3, 1]).softmax().transpose([0, 3, 1, 2])],
  ['relu', {}, () => x.relu()],
  ['tanh', {}, () => x.tanh()],
  ['neg', {}, () => x.neg()],
  ['resizeBilinear', { size: [8, 6] }, () => x.resizeBilinear([8, 6])],
];

describe.each(ENGINES)('%s engine', (engine) => {
  it.each(OF_ONE)('%s %j as of tensors', async (op, attributes, eager) => {
    tf.setEngine(engine);
    const expected = eager();
    const output = await modelOf(op, attributes, [[4, 4, 3]]).predict(x);
    expect(output.shape).toEqual(expected.shape);
    const [actual, wanted] = [await output.data(), await expected.data()];
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(wanted[i], 5);
  });

  it.each(['add', 'sub', 'mul', 'maximum', 'minimum'] as const)('%s of two values', async (op) => {
    tf.setEngine(engine);
    const net = modelOf(op, {}, [
      [4, 4, 3],
      [4, 4, 3],
    ]);
    expect(await (await net.predict([x, y])).data()).toEqual(await x[op](y).data());
    const gate = y.slice([0, 0, 0, 0], [2, 1, 1, 3]);
    const gated = modelOf(op, {}, [
      [4, 4, 3],
      [1, 1, 3],
    ]);
    expect(await (await gated.predict([x, gate])).data()).toEqual(await x[op](gate).data());
  });

  it.each(['add', 'sub', 'mul'] as const)('%s with a number', async (op) => {
    tf.setEngine(engine);
    expect(await (await modelOf(op, {}, [[4, 4, 3]], [2]).predict(x)).data()).toEqual(await x[op](2).data());
  });

  it('splits, with sizes and in equal parts', async () => {
    tf.setEngine(engine);
    const thirds = (await modelOf('split', { numOrSizeSplits: 3, axis: -1 }, [[4, 4, 3]]).predict(
      x,
    )) as unknown;
    const sizes = modelOf('split', { numOrSizeSplits: [1, 3], axis: 1 }, [[4, 4, 3]]);
    for (const [given, expected] of [
      [thirds, tf.split(x, 3, -1)],
      [(await sizes.predict(x)) as unknown, tf.split(x, [1, 3], 1)],
    ] as [tf.Tensor[], tf.Tensor[]][]) {
      expect(given.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
      for (const [i, part] of given.entries()) expect(await part.data()).toEqual(await expected[i].data());
    }
  });
});

it.each(ENGINES)('leaves parts of a split unused, %s engine', async (engine) => {
  tf.setEngine(engine);
  const image = tf.input({ shape: [4, 4, 3] });
  const [, middle] = applyOperation('split', [image], { numOrSizeSplits: 3, axis: -1 });
  const scores = tf.layers.dense({ units: 2 }).apply(tf.layers.flatten().apply(middle));
  const net = tf.model({ inputs: image, outputs: scores });
  net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { history } = await net.fit(x, tf.ones([2, 2]), { epochs: 5, verbose: 0 });
  expect(history.loss.at(-1)).toBeLessThan(history.loss[0]);
});

it('infers unknown sizes, also through expressions', () => {
  const image = tf.input({ shape: [null, null, 3] });
  const [double] = applyOperation('resizeNearestNeighbor', [image], {
    size: [{ mul: [{ size: [0, 1] }, 2] }, { mul: [{ size: [0, 2] }, 2] }],
  });
  const [like] = applyOperation('resizeBilinear', [double, image], {
    size: [{ size: [1, 1] }, { size: [1, 2] }],
  });
  const [rows] = applyOperation('reshape', [like], { shape: [{ size: [0, 0] }, -1, 3] });
  expect([double.shape, like.shape, rows.shape]).toEqual([
    [null, null, null, 3],
    [null, null, null, 3],
    [null, null, 3],
  ]);
  // The model computes no value of which only the sizes are used.
  const [same] = applyOperation('resizeBilinear', [image, applyOperation('neg', [double])[0]], {
    size: [{ size: [1, 1] }, { size: [1, 2] }],
  });
  const sized = tf.model({ inputs: image, outputs: same });
  expect((sized.predict(tf.ones([1, 5, 7, 3])) as tf.Tensor).shape).toEqual([1, 10, 14, 3]);
  const net = tf.model({ inputs: image, outputs: [like, rows] });
  const [images] = net.predict(tf.ones([1, 5, 7, 3])) as unknown as tf.Tensor[];
  expect(images.shape).toEqual([1, 5, 7, 3]);
});

it('keeps tensors as weights, and is saved and loaded', async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const vector = tf.input({ shape: [2] });
  const [product] = applyOperation('matMul', [
    vector,
    { shape: [2, 3], values, trainable: true, name: 'kernel' },
  ]);
  const [sum] = applyOperation('add', [product, 1]);
  const [difference] = applyOperation('sub', [2, sum], {}, { name: 'last' });
  const net = tf.model({ inputs: vector, outputs: difference });
  expect(net.layers.map(({ name }) => name)).toEqual(['input_1', 'mat_mul_1', 'add_1', 'last']);
  expect(net.countParams()).toBe(6);
  const expected = [2 - 10, 2 - 13, 2 - 16];
  expect([...(await net.predict(tf.tensor([[1, 2]])).data())]).toEqual(expected);
  await net.save(folder('model'));
  const loaded = await tf.loadLayersModel(folder('model'));
  expect(loaded.getConfig()).toEqual(net.getConfig());
  expect([...(await loaded.predict(tf.tensor([[1, 2]])).data())]).toEqual(expected);
  const again = await tf.models.modelFromJSON(net.toJSON());
  expect(again.getConfig()).toEqual(net.getConfig());
});

describe('refuses', () => {
  const image = tf.input({ shape: [4, 4, 3] });
  const vector = tf.input({ shape: [3] });
  it.each<[string, string, () => unknown, Parameters<typeof expectError>[1], RegExp]>([
    [
      'an unknown op',
      'mull',
      () => applyOperation('mull', [image, 2]),
      'UNSUPPORTED',
      /operation 'mull'.*'mul'/,
    ],
    ['attributes', 'relu', () => applyOperation('relu', [image], { slope: 1 }), 'UNKNOWN_OPTION', /'slope'/],
    [
      'the batch',
      'softmax',
      () => applyOperation('softmax', [image], { axis: 0 }),
      'UNSUPPORTED',
      /the batch/,
    ],
    [
      'samples',
      'reshape',
      () => applyOperation('reshape', [image], { shape: [-1, 3] }),
      'SHAPE_MISMATCH',
      /must be -1, for the batch/,
    ],
    ['ranks', 'add', () => applyOperation('add', [image, vector]), 'UNSUPPORTED', /same number of axes/],
    [
      'shapes',
      'add',
      () => applyOperation('add', [image, tf.input({ shape: [5, 4, 3] })]),
      'SHAPE_MISMATCH',
      /add/,
    ],
    [
      'tensors alone',
      'add',
      () => applyOperation('add', [1, 2]),
      'INVALID_ARGUMENT',
      /no argument is a value/,
    ],
    [
      'sizes of the batch',
      'reshape',
      () => applyOperation('reshape', [image], { shape: [{ mul: [{ size: [0, 0] }, 4] }, 12] }),
      'UNSUPPORTED',
      /size of the batch/,
    ],
  ])('%s of %s', async (_what, _op, action, code, message) => {
    await expectError(action, code, message);
  });
});
