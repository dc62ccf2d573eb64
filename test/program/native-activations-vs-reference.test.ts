import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram } from '../../lib/program/reference-engine/index.js';
import { ACTIVATION_CASES } from '../support/activation-cases.js';
import { activation, chain, conv2d, dense, type Link, pool2d, prelu, training } from '../support/chain.js';
import { samplesOn } from '../support/engine-comparison.js';
import { expectClose, randomNumbers } from '../support/numeric.js';
import { gradientsOf, outputOf } from '../support/one-batch.js';

// Compares the native engine, which fuses nodes, with the reference engine in float64, which doesn't.

/** The outputs of one batch, and the gradients of half the squared error by all weights. */
async function expectSame(input: number[], links: Link[], samples: number): Promise<void> {
  const description = chain(input, links, training('halfSquaredError'));
  const exact = new ReferenceProgram(description, 'float64');
  exact.weights.forEach(
    (weights, i) => void weights.set(randomNumbers(weights.length, 90 + i).map(Math.fround)),
  );
  const size = input.reduce((product, length) => product * length, 1);
  const outputShape = description.graph.nodes[links.length].outputs[0].shape;
  const outputSize = outputShape.reduce((product, length) => product * length, 1);
  const x = new Float32Array(randomNumbers(samples * size, 1, -2, 2));
  const t = new Float32Array(randomNumbers(samples * outputSize, 2));
  const engine = nativeEngine();
  const program = engine.createProgram(description);
  program.writeWeights(exact.weights.map((weights) => new Float32Array(weights)));
  const run = {
    x: [samplesOn(engine, [samples, ...input], x)],
    y: [samplesOn(engine, [samples, ...outputShape], t)],
    batchSize: samples,
  };
  const tolerance = { absolute: 2e-5, relative: 2e-5 };
  const [outputs] = await program.predict(run).promise;
  expectClose(outputs, outputOf(exact, x, samples), { ...tolerance, what: 'output' });
  const native = await program.gradients({ ...run, seed: 1 });
  const { gradients } = gradientsOf(exact, x, t, { seed: 1, step: 0 });
  const largest = Math.max(...gradients.flatMap((gradient) => [...gradient].map(Math.abs)));
  expect(largest).toBeGreaterThan(1e-3);
  native.gradients.forEach((gradient, i) => {
    const scale = Math.max(...gradients[i].map(Math.abs));
    expectClose(gradient, gradients[i], {
      absolute: 2e-5 * scale + 2e-6 * largest,
      relative: 1e-4,
      what: `gradient ${i}`,
    });
  });
  program.dispose();
}

describe.each(ACTIVATION_CASES)('%s %j', (kind, numbers) => {
  const act = activation(kind, numbers);
  const probe = conv2d([1, 1], 3);

  test('after a dense layer', () => expectSame([9], [dense(17), act, dense(3)], 5));

  test('after a convolution, before and after fused max-pooling', async () => {
    await expectSame([9, 9, 3], [probe, conv2d([3, 3], 17), act, pool2d('max', [2, 2])], 2);
    await expectSame([9, 9, 3], [probe, conv2d([3, 3], 17), pool2d('max', [2, 2]), act], 2);
    await expectSame([7, 6, 3], [probe, conv2d([3, 2], 5, { strides: [2, 1] }), act], 3);
  });

  test('after a depthwise convolution, and after pooling alone', async () => {
    await expectSame([8, 7, 3], [probe, conv2d([3, 3], 3, { groups: 3 }), act, pool2d('max', [2, 2])], 2);
    await expectSame([8, 7, 3], [probe, pool2d('average', [2, 2]), act], 2);
  });
});

test.each([[[5, 6, 17]], [[1, 1, 17]], [[5, 1, 17]], [[1, 6, 1]], [[5, 6, 1]], [[1, 1, 1]]])(
  'prelu with alphas %j',
  async (alphaShape) => {
    await expectSame([5, 6, 3], [conv2d([1, 1], 17), prelu(alphaShape), conv2d([1, 1], 2)], 3);
    await expectSame([5, 6, 17], [prelu(alphaShape)], 1);
  },
);

test.each([0, 1, 2])('softmax along axis %d', async (axis) => {
  for (const kind of ['softmax', 'logSoftmax']) {
    await expectSame([5, 3, 18], [conv2d([1, 1], 17), activation(kind, { axis }), conv2d([1, 1], 2)], 3);
  }
});

test('a cross-entropy fuses only a softmax over the last axis', async () => {
  const t = Float32Array.from({ length: 2 * 12 }, (_, i) => (i % 4 === 1 ? 1 : 0));
  const x = new Float32Array(randomNumbers(2 * 6, 3));
  for (const axis of [0, 1]) {
    const links = [dense(4), activation('softmax', { axis })];
    const description = chain([3, 2], links, training('categoricalCrossentropy'));
    const exact = new ReferenceProgram(description, 'float64');
    exact.weights.forEach(
      (weights, i) => void weights.set(randomNumbers(weights.length, 4 + i).map(Math.fround)),
    );
    const engine = nativeEngine();
    const program = engine.createProgram(description);
    program.writeWeights(exact.weights.map((weights) => new Float32Array(weights)));
    const { gradients, totals } = await program.gradients({
      x: [samplesOn(engine, [2, 3, 2], x)],
      y: [samplesOn(engine, [2, 3, 4], t)],
      seed: 1,
    });
    const expected = gradientsOf(exact, x, t, { seed: 1, step: 0 });
    expectClose([totals.loss / 2], [expected.loss], { relative: 1e-5 });
    gradients.forEach((gradient, i) => {
      expectClose(gradient, expected.gradients[i], { absolute: 1e-6, relative: 1e-4 });
    });
    program.dispose();
  }
});
