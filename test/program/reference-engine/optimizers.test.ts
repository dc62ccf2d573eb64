import { expect, test } from 'vitest';
import type { OptimizerDescription } from '../../../lib/program/optimizer-description.js';
import { ReferenceProgram, referenceEngine } from '../../../lib/program/reference-engine/index.js';
import { chain, dense, training } from '../../support/chain.js';
import { expectClose } from '../../support/numeric.js';

/**
 * The weight after each of three steps on x = 2, t = 3 from w = 1, changing the rate before the third. With halfSquaredError
 * the gradient is (2w - 3) * 2.
 */
async function weightsOf(
  optimizer: OptimizerDescription,
): Promise<{ seen: number[]; program: ReferenceProgram }> {
  const description = chain([1], [dense(1, { bias: false })], training('halfSquaredError', { optimizer }));
  const program = new ReferenceProgram(description, 'float64');
  const x = referenceEngine().allocateSamples([1, 1], 'float32');
  const y = referenceEngine().allocateSamples([1, 1], 'float32');
  x.write(new Float32Array([2]), 0);
  y.write(new Float32Array([3]), 0);
  program.weights[0][0] = 1;
  const seen: number[] = [];
  for (const step of [1, 2, 3]) {
    if (step === 3) program.setLearningRate(0.25);
    await program.train({ x: [x], y: [y], batchSize: 1, order: new Uint32Array([0]), seed: 0 });
    seen.push(program.weights[0][0]);
  }
  return { seen, program };
}

const RATES = [0.1, 0.1, 0.25];
const gradient = (w: number) => (2 * w - 3) * 2;

test('sgd', async () => {
  let w = 1;
  const expected = RATES.map((rate) => {
    w -= rate * gradient(w);
    return w;
  });
  const { seen, program } = await weightsOf({ kind: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false });
  expectClose(seen, expected, { absolute: 1e-14, relative: 1e-14 });
  expect(program.readOptimizer()).toEqual({ iterations: 3, slots: {} });
});

test.each([false, true])('sgd with momentum, nesterov %s', async (nesterov) => {
  let w = 1;
  let v = 0;
  const expected = RATES.map((rate) => {
    const g = gradient(w);
    v = 0.9 * v - rate * g;
    w += nesterov ? 0.9 * v - rate * g : v;
    return w;
  });
  const { seen, program } = await weightsOf({ kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov });
  expectClose(seen, expected, { absolute: 1e-13, relative: 1e-13 });
  expect(program.readOptimizer()).toEqual({ iterations: 3, slots: { momentum: [new Float32Array([v])] } });
});

test('adam, its epsilon outside the bias correction', async () => {
  const epsilon = 0.5;
  let w = 1;
  let m = 0;
  let v = 0;
  const expected = RATES.map((rate, index) => {
    const g = gradient(w);
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    const corrected = (rate * Math.sqrt(1 - 0.99 ** (index + 1))) / (1 - 0.9 ** (index + 1));
    w -= (corrected * m) / (Math.sqrt(v) + epsilon);
    return w;
  });
  const adam: OptimizerDescription = { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon };
  const { seen, program } = await weightsOf(adam);
  expectClose(seen, expected, { absolute: 1e-13, relative: 1e-13 });
  const { iterations, slots } = program.readOptimizer();
  expect(iterations).toBe(3);
  expectClose([slots.m[0][0], slots.v[0][0]], [m, v], { relative: 1e-6 });
});
