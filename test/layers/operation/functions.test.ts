import { expect, expectTypeOf, it } from 'vitest';
import * as tf from '../../../lib/index.js';

it('takes values of models in functions and methods, with numbers and tensors', async () => {
  const x = tf.input({ shape: [4, 3] });
  const gated = tf.mul(x, tf.sigmoid(x));
  const outputs = [gated, x.mul(x.sigmoid()), tf.sub(1, x), tf.concat([x, gated], -1), x.reshape([-1, 12])];
  const net = tf.model({ inputs: x, outputs });
  expect(net.layers.map(({ name }) => name)).toEqual([
    'input_1',
    'sigmoid_1',
    'mul_1',
    'sigmoid_2',
    'mul_2',
    'sub_1',
    'concat_1',
    'reshape_1',
  ]);
  const values = tf.randomNormal([2, 4, 3], 0, 1, 'float32', 1);
  const eager = values.mul(values.sigmoid());
  const expected = [eager, eager, tf.sub(1, values), tf.concat([values, eager], -1), values.reshape([2, 12])];
  const given = net.predict(values) as unknown as tf.Tensor[];
  for (const [i, { shape }] of expected.entries()) {
    expect(given[i].shape).toEqual(shape);
    const [own, wanted] = [await given[i].data(), await expected[i].data()];
    for (const [at, value] of own.entries()) expect(value).toBeCloseTo(wanted[at], 6);
  }
});

it('knows shapes in types where they stay', () => {
  const x = tf.input({ shape: [4, 3] }).pipe();
  expectTypeOf(tf.relu(x)).toEqualTypeOf<tf.SymbolicTensor<[4, 3]>>();
  expectTypeOf(x.add(x.tanh()).mul(2)).toEqualTypeOf<tf.SymbolicTensor<[4, 3]>>();
  expectTypeOf(() => tf.add(x, tf.ones([3]))).returns.toEqualTypeOf<tf.SymbolicTensor>();
  expectTypeOf(tf.add(tf.ones([3]), 1)).toEqualTypeOf<tf.Tensor>();
});
