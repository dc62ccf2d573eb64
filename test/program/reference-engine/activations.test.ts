import { describe, expect, test } from 'vitest';
import { erf } from '../../../lib/program/reference-engine/error-function.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { ACTIVATION_CASES } from '../../support/activation-cases.js';
import { activation, chain, dense, training } from '../../support/chain.js';
import { expectError } from '../../support/convforge-error.js';
import { expectClose, expectGradients, randomNumbers } from '../../support/numeric.js';
import { outputOf } from '../../support/one-batch.js';

function values(kind: string, numbers: Record<string, number | boolean>, x: number[]): number[] {
  const program = new ReferenceProgram(chain([x.length], [activation(kind, numbers)]), 'float64');
  return Array.from(outputOf(program, Float32Array.from(x), 1));
}

describe('published values', () => {
  test.each([
    ['relu', { maxValue: 6, negativeSlope: 0.1, threshold: 1 }, [-2, 1, 1.5, 9], [-0.3, 0, 1.5, 6]],
    ['elu', { alpha: 2 }, [-1, 3], [2 * (1 / Math.E - 1), 3]],
    ['selu', {}, [-1, 1], [-1.1113307378125625, 1.0507009873554805]],
    ['gelu', {}, [-1, 1, 3], [-0.15865525393145707, 0.8413447460685429, 2.99595030590511]],
    ['gelu', { approximate: true }, [-1, 1], [-0.15880800939172324, 0.8411919906082768]],
    ['silu', {}, [-1, 2], [-0.2689414213699951, 1.7615941559557649]],
    ['mish', {}, [-1, 1], [-0.30340146137410895, 0.8650983882673103]],
    ['hardSigmoid', {}, [-4, -1.5, 0, 1.5, 4], [0, 0.25, 0.5, 0.75, 1]],
    ['hardSigmoid', { slope: 0.2 }, [-4, -1.5, 0, 1.5, 4], [0, 0.2, 0.5, 0.8, 1]],
    ['hardSwish', {}, [-4, -1.5, 0, 1.5, 4], [0, -0.375, 0, 1.125, 4]],
    ['softplus', {}, [0, -1, 800], [Math.LN2, 0.31326168751822286, 800]],
    ['softsign', {}, [-3, 1], [-0.75, 0.5]],
    ['exponential', {}, [0, 1], [1, Math.E]],
    ['logSoftmax', {}, [0, 1, 0], [-1.551444713932051, -0.551444713932051, -1.551444713932051]],
  ] as const)('%s %j', (kind, numbers, x, expected) => {
    expectClose(values(kind, numbers, [...x]), expected, { absolute: 1e-9, relative: 2e-7, what: kind });
  });

  test('the error function', () => {
    const known = [0, 0.1124629160182849, 0.8427007929497149, 0.9953222650189527, 1];
    expectClose([0, 0.1, 1, 2, 6.5].map(erf), known, { absolute: 0, relative: 1e-14 });
    expect(erf(-1)).toBe(-erf(1));
  });
});

test.each(ACTIVATION_CASES)('the gradient of %s %j equals central differences', (kind, numbers) => {
  const links = [dense(6), activation(kind, numbers)];
  const program = new ReferenceProgram(chain([5], links, training('halfSquaredError')), 'float64');
  program.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, 7 + index)));
  expectGradients(program, randomNumbers(20, 1), randomNumbers(24, 2));
});

test.each([0, 1, 2])('softmax along axis %d', (axis) => {
  for (const kind of ['softmax', 'logSoftmax']) {
    const description = chain([2, 3, 4], [activation(kind, { axis })], training('halfSquaredError'));
    const program = new ReferenceProgram(description, 'float64');
    const x = randomNumbers(48, 5);
    expectGradients(program, x, randomNumbers(48, 6));
    const y = outputOf(program, new Float32Array(x), 2).map((value) =>
      kind === 'softmax' ? value : Math.exp(value),
    );
    const step = [12, 4, 1][axis];
    let sum = 0;
    for (let i = 0; i < [2, 3, 4][axis]; i++) sum += y[24 + i * step];
    expect(sum).toBeCloseTo(1, 6);
  }
});

test.each([
  ['relu', { negativeSlope: -1 }, 'INVALID_ARGUMENT', /negativeSlope is -1/],
  ['relu', { maxValue: 0 }, 'INVALID_ARGUMENT', /maxValue is 0/],
  ['elu', { alpha: Number.NaN }, 'INVALID_ARGUMENT', /alpha is NaN/],
  ['hardSigmoid', { slope: 0 }, 'INVALID_ARGUMENT', /slope is 0/],
  ['hardSwish', { slope: 0.2 }, 'INVALID_ARGUMENT', /takes the attributes/],
  ['tanh', { alpha: 1 }, 'INVALID_ARGUMENT', /takes the attributes/],
  ['softmax', { axis: 1 }, 'INVALID_ARGUMENT', /axis is 1; the input has 1 axes/],
  ['gelu', { approximate: 1 }, 'INVALID_ARGUMENT', /true or false/],
  ['arctan', {}, 'UNSUPPORTED', /no kind 'arctan'/],
] as const)('refuses %s %j', async (kind, numbers, code, message) => {
  await expectError(() => new ReferenceProgram(chain([3], [activation(kind, numbers)])), code, message);
});
